"use client";
import { artifactPath } from "@octet/shared/domain/artifact";
import { useQuery } from "@tanstack/react-query";
import { ExternalLink } from "lucide-react";
import { useState } from "react";
import { Button, Card, Skeleton } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { TabPanels } from "@/components/ui/tab-panels";
import { errorInfo } from "@/lib/trpc";
import { LayerPlot } from "./layer-plot";
import { fetchReport, type Report } from "./report";
import { SensitivityList } from "./sensitivity-list";
import { TensorBrowser } from "./tensor-browser";
import { activationTensors, methodOf, weightTensors } from "./tensors";

/** How a profile was quantised, layer by layer and tensor by tensor. The report has some MB: it is read when asked for. */
export function AnalysisCard({ reportSha256, reportPageSha256 }: { reportSha256: string; reportPageSha256: string | null }) {
  const [open, setOpen] = useState(false);
  const report = useQuery({
    queryKey: ["quantisation-report", reportSha256],
    queryFn: () => fetchReport(reportSha256),
    enabled: open,
    // Named by its content: it never changes.
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  return (
    <Card className="min-w-0 p-5">
      <header className="flex flex-wrap items-center gap-3">
        <h2 className="mr-auto font-medium">How it was quantised</h2>
        {reportPageSha256 && (
          <a
            href={artifactPath(reportPageSha256)}
            target="_blank"
            rel="noreferrer"
            className="inline-flex items-center gap-1.5 text-xs text-muted underline hover:text-ink"
          >
            Full report <ExternalLink className="size-3" aria-hidden />
          </a>
        )}
        <Button aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? "Hide the analysis" : "Show the analysis"}
        </Button>
      </header>
      {!open && (
        <p className="mt-2 text-xs text-muted">Error by layer, sensitivity, activations with their ranges, weights before and after.</p>
      )}
      {open && report.isPending && <Skeleton className="mt-4 h-64" />}
      {report.error && (
        <div className="mt-4">
          <ErrorNote error={errorInfo(report.error)} />
        </div>
      )}
      {open && report.data && <Analysis report={report.data} />}
    </Card>
  );
}

function Analysis({ report }: { report: Report }) {
  return (
    <div className="mt-2 grid grid-cols-1 gap-3">
      <p className="text-xs text-muted">{methodOf(report)}.</p>
      <TabPanels
        label="Analysis"
        panels={[
          { name: "Layers", content: <LayerPlot layers={report.layers} /> },
          { name: "Sensitivity", content: <SensitivityList groups={report.sensitivity} ofDetections={report.detectionSqnrDb !== null} /> },
          {
            name: "Activations",
            content: (
              <TensorBrowser
                what="Tensor"
                tensors={activationTensors(report.activations)}
                legend={{ before: "as seen", after: "clipped to the range" }}
              >
                <p className="text-xs text-muted">What calibration saw. Values outside of the chosen range become its ends.</p>
              </TensorBrowser>
            ),
          },
          {
            name: "Weights",
            content: (
              <TensorBrowser
                what="Layer"
                tensors={weightTensors(report.weights)}
                legend={{ before: "float", after: "as the integers express them" }}
              />
            ),
          },
        ]}
      />
    </div>
  );
}
