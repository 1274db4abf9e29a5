"use client";
import { useQuery } from "@tanstack/react-query";
import { Card, Skeleton } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { PageHeader } from "@/components/ui/page-header";
import { errorInfo, useTRPC } from "@/lib/trpc";
import { WorkerCard } from "./worker-card";

export function WorkerList() {
  const trpc = useTRPC();
  const { data, error, isPending } = useQuery(trpc.workers.list.queryOptions());
  return (
    <>
      <PageHeader title="Workers" note={data && `${data.filter((worker) => worker.online).length} of ${data.length} online`} />
      {error && <ErrorNote error={errorInfo(error)} />}
      {isPending && <Skeleton className="h-64" />}
      <div className="grid grid-cols-1 gap-4 xl:grid-cols-2">
        {data?.map((worker) => (
          <WorkerCard key={worker.id} worker={worker} />
        ))}
        <Card className="min-w-0 self-start p-5">
          <h2 className="font-medium">Join another worker</h2>
          <p className="mt-1 text-muted">
            On any host with Node that reaches this page, in a clone of Octet. The token is made under Settings.
          </p>
          <pre className="mt-3 overflow-x-auto rounded-md bg-raised p-3 font-mono text-xs">{`OCTET_URL=https://this-server \\\nOCTET_WORKER_TOKEN=octet_… \\\nnpm run worker`}</pre>
        </Card>
      </div>
    </>
  );
}
