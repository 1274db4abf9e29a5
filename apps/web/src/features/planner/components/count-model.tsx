"use client";
import { roleRank } from "@octet/shared/domain/access";
import { type Job, jobSchema } from "@octet/shared/domain/job";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Button } from "@/components/ui/controls";
import { JobLine } from "@/features/jobs/components/job-line";
import { useLiveJob } from "@/features/live/use-live";
import { useTRPC } from "@/lib/trpc";

/** Has a worker count what a model of this site computes, which an older version did not. For those who may. */
export function CountModel({ modelId }: { modelId: string }) {
  const trpc = useTRPC();
  const { data: me } = useQuery(trpc.site.me.queryOptions());
  const count = useMutation(trpc.models.inspect.mutationOptions());
  if (count.data) return <Counting job={jobSchema.parse(count.data)} />;
  if (!me || roleRank[me.role] < roleRank.operator) return null;
  return (
    <Button className="mt-2 w-full" onClick={() => count.mutate({ id: modelId })} disabled={count.isPending}>
      Count it
    </Button>
  );
}

function Counting({ job: begun }: { job: Job }) {
  const job = useLiveJob(begun);
  return (
    <div className="mt-2" role="status">
      {job.state === "done" ? (
        <p className="text-xs text-muted">A worker has looked at it. It can be planned for where its layers tell their sizes.</p>
      ) : (
        <JobLine job={job} />
      )}
    </div>
  );
}
