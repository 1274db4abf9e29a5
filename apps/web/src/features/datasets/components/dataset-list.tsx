"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { Confirm } from "@/components/ui/confirm";
import { Button, Card, Chip, Skeleton } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { Link } from "@/components/ui/link";
import { PageHeader } from "@/components/ui/page-header";
import { JobLine } from "@/features/jobs/components/job-line";
import { PseudoLabels } from "@/features/profiles/components/pseudo-labels";
import { useRank } from "@/features/profiles/components/use-rank";
import { ago, count } from "@/lib/format";
import { errorInfo, useTRPC } from "@/lib/trpc";
import { CollectForm } from "./collect-form";
import { UploadForm } from "./upload-form";

/** Data sets with their versions, what is being read or collected, and the ways to make one. */
export function DatasetList() {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const datasets = useQuery(trpc.datasets.list.queryOptions());
  const jobs = useQuery(trpc.jobs.list.queryOptions({ kinds: ["import", "collect"], limit: 10 }));
  const remove = useMutation(trpc.datasets.remove.mutationOptions({ meta: { inline: true } }));
  const { operates, administers } = useRank();
  const [way, setWay] = useState<"upload" | "collect" | null>(null);
  const refresh = (): void => {
    setWay(null);
    void queryClient.invalidateQueries({ queryKey: trpc.datasets.pathKey() });
    void queryClient.invalidateQueries({ queryKey: trpc.jobs.pathKey() });
  };
  const underWay = jobs.data?.items.filter(({ state }) => state === "queued" || state === "running") ?? [];
  const failed =
    jobs.data?.items.filter(
      ({ state, endedAt }) => state === "failed" && endedAt && Date.now() - new Date(endedAt).getTime() < 3_600_000,
    ) ?? [];

  return (
    <>
      <PageHeader
        title="Data sets"
        note="Images to calibrate on, labelled images to validate on. A version never changes: profiles name the one they were made with."
      >
        {operates && (
          <div className="flex gap-2">
            <Button
              kind={way === "collect" ? "primary" : "plain"}
              aria-expanded={way === "collect"}
              onClick={() => setWay(way === "collect" ? null : "collect")}
            >
              Collect from cameras
            </Button>
            <Button
              kind={way === "upload" ? "primary" : "plain"}
              aria-expanded={way === "upload"}
              onClick={() => setWay(way === "upload" ? null : "upload")}
            >
              Upload
            </Button>
          </div>
        )}
      </PageHeader>
      {way && <Card className="mb-5 p-5">{way === "upload" ? <UploadForm onQueued={refresh} /> : <CollectForm onQueued={refresh} />}</Card>}
      {remove.error && (
        <div className="mb-4">
          <ErrorNote error={errorInfo(remove.error)} />
        </div>
      )}
      <div className="grid gap-3 not-empty:mb-4">
        {[...underWay, ...failed].map((job) => (
          <JobLine key={job.id} job={job} />
        ))}
      </div>
      {datasets.isPending && <Skeleton className="h-40" />}
      {datasets.error && <ErrorNote error={errorInfo(datasets.error)} />}
      {datasets.data?.length === 0 && (
        <Card className="p-8 text-center text-muted">
          <p className="font-medium text-ink">There are no data sets yet</p>
          <p className="mt-1 text-sm">Collect frames from your own cameras: INT8 is calibrated best on what it will see.</p>
        </Card>
      )}
      <ul className="grid grid-cols-1 gap-4 lg:grid-cols-2">
        {datasets.data?.map((dataset) => (
          <li key={dataset.id} className="min-w-0">
            <Card className="p-5">
              <header className="flex items-center gap-3">
                <h2 className="mr-auto min-w-0 truncate font-medium" title={dataset.name}>
                  {dataset.name}
                </h2>
                {dataset.kind === "validation" && dataset.versions.some(({ layout }) => layout === "images") && <PseudoLabels />}
                <Chip>{dataset.kind}</Chip>
                {administers && (
                  <Confirm
                    trigger={
                      <Button kind="ghost" className="px-2" aria-label={`Delete ${dataset.name}`}>
                        <Trash2 className="size-4" />
                      </Button>
                    }
                    title={`Delete ${dataset.name}?`}
                    text="All its versions go. A set that a profile was calibrated with is kept."
                    action="Delete"
                    onConfirm={() => remove.mutate({ id: dataset.id }, { onSuccess: refresh })}
                  />
                )}
              </header>
              {dataset.versions.length === 0 && <p className="mt-2 text-xs text-muted">No version yet.</p>}
              <ul className="mt-3 divide-y divide-line">
                {dataset.versions.map((version) => (
                  <li key={version.id}>
                    <Link href={`/datasets/${version.id}`} className="flex flex-wrap items-center gap-x-4 py-2 text-sm hover:text-accent">
                      <span className="font-medium">v{version.version}</span>
                      <span className="font-mono text-xs">{count(version.imageCount)} images</span>
                      {version.labelCount > 0 && <span className="font-mono text-xs">{count(version.labelCount)} objects</span>}
                      <span className="text-xs text-muted">{version.layout}</span>
                      <span className="ml-auto text-xs text-muted" suppressHydrationWarning>
                        {ago(new Date(version.createdAt).getTime())} · {version.manifestSha256.slice(0, 10)}
                      </span>
                    </Link>
                  </li>
                ))}
              </ul>
            </Card>
          </li>
        ))}
      </ul>
    </>
  );
}
