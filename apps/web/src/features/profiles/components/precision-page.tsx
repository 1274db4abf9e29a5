"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ScrollText } from "lucide-react";
import { useState } from "react";
import { Button, buttonClass, Card, Skeleton } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { Link } from "@/components/ui/link";
import { PageHeader } from "@/components/ui/page-header";
import { cn } from "@/lib/cn";
import { errorInfo, useTRPC } from "@/lib/trpc";
import { BuildForm } from "./build-form";
import { type Profile, plotPoints } from "./figures";
import { FormatsTable } from "./formats-table";
import { GateEditor } from "./gate-editor";
import { ImportForm } from "./import-form";
import { OnAirCard } from "./on-air-card";
import { ProfileJobs } from "./profile-jobs";
import { ProfileTable } from "./profile-table";
import { QuantizerExplainer } from "./quantizer-explainer";
import { TradeOffPlot } from "./trade-off-plot";
import { useRank } from "./use-rank";

/** Every model with its profiles side by side, what they cost and give, and the way to a new one. */
export function PrecisionPage() {
  const trpc = useTRPC();
  const profiles = useQuery(trpc.profiles.list.queryOptions());
  const { administers } = useRank();
  const models = new Map<string, { name: string; profiles: Profile[] }>();
  for (const profile of profiles.data ?? []) {
    const model = models.get(profile.model.id) ?? { name: profile.model.name, profiles: [] };
    model.profiles.push(profile);
    models.set(profile.model.id, model);
  }
  return (
    <>
      <PageHeader
        title="Precision"
        note="What each form of a model costs and gives: built from a model and a calibration set, proven against FP32, promoted when the gate lets it."
      >
        {administers && (
          <Link href="/settings/audit?kind=precision" className={buttonClass("plain")}>
            <ScrollText className="size-4" aria-hidden /> Audit log
          </Link>
        )}
      </PageHeader>
      <div className="grid grid-cols-1 gap-5">
        {profiles.isPending && <Skeleton className="h-60" />}
        {profiles.error && <ErrorNote error={errorInfo(profiles.error)} />}
        {profiles.data?.length === 0 && (
          <Card className="p-8 text-center">
            <p className="font-medium">There are no models yet</p>
            <p className="mt-1 text-sm text-muted">
              Upload an ONNX detector under{" "}
              <Link href="/models" className="text-accent underline">
                Models
              </Link>
              ; its FP32 profile is there at once.
            </p>
          </Card>
        )}
        <OnAirCard />
        {[...models].map(([id, model]) => (
          <ModelCard key={id} modelId={id} name={model.name} profiles={model.profiles} />
        ))}
        {profiles.data && <GateEditor profiles={profiles.data} />}
        <QuantizerExplainer />
        <FormatsTable />
      </div>
    </>
  );
}

const ways = { import: "Import QAT", build: "New profile" } as const;
type Way = keyof typeof ways;

function ModelCard({ modelId, name, profiles }: { modelId: string; name: string; profiles: readonly Profile[] }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const { operates } = useRank();
  const [way, setWay] = useState<Way | null>(null);
  const queued = (): void => {
    setWay(null);
    void queryClient.invalidateQueries({ queryKey: trpc.profiles.pathKey() });
    void queryClient.invalidateQueries({ queryKey: trpc.jobs.pathKey() });
  };
  return (
    <Card className="min-w-0 p-5">
      <header className="mb-3 flex flex-wrap items-center gap-3">
        <h2 className="mr-auto min-w-0 font-medium [overflow-wrap:anywhere]">{name}</h2>
        {operates &&
          (Object.keys(ways) as Way[]).map((one) => (
            <Button
              key={one}
              kind={one === "build" && way === null ? "primary" : "plain"}
              aria-expanded={way === one}
              onClick={() => setWay(way === one ? null : one)}
            >
              {way === one ? "Close" : ways[one]}
            </Button>
          ))}
      </header>
      {way && (
        <div className="mb-5 rounded-lg border border-line p-4">
          {way === "build" ? <BuildForm modelId={modelId} onQueued={queued} /> : <ImportForm modelId={modelId} onQueued={queued} />}
        </div>
      )}
      <ProfileJobs profileIds={profiles.filter(({ state }) => state !== "rejected").map(({ id }) => id)} />
      <div className={cn("grid grid-cols-1 gap-6", profiles.length <= 3 && "xl:grid-cols-[minmax(0,1fr)_24rem]")}>
        <ProfileTable profiles={profiles} />
        <TradeOffPlot points={plotPoints(profiles)} />
      </div>
    </Card>
  );
}
