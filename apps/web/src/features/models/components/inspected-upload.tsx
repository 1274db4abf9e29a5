"use client";
import { type Job, jobSchema } from "@octet/shared/domain/job";
import { useQuery } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import { ErrorNote } from "@/components/ui/error-note";
import { Link } from "@/components/ui/link";
import { JobActions } from "@/features/jobs/components/job-actions";
import { JobProgress } from "@/features/jobs/components/job-progress";
import { useLiveJob } from "@/features/live/use-live";
import { useTRPC } from "@/lib/trpc";

/** What a worker says of the file that was just sent. */
export function InspectedUpload({ job: begun }: { job: Job }) {
  const trpc = useTRPC();
  const { data } = useQuery(
    trpc.jobs.byId.queryOptions(
      { id: begun.id, logLimit: 0 },
      { refetchInterval: ({ state }) => (state.data && !["queued", "running"].includes(state.data.state) ? false : 2000) },
    ),
  );
  const job = useLiveJob(data ? jobSchema.parse(data) : begun);
  return (
    <div role="status" className="mt-5 grid gap-3">
      {job.state === "done" && (
        <p className="flex items-center gap-2 text-sm">
          <CircleCheck className="size-4 text-ok" aria-hidden /> It was recognised, and is in the list below with a profile of its own.
        </p>
      )}
      {job.state === "cancelled" && <p className="text-sm text-muted">The inspection was cancelled.</p>}
      {job.error && <ErrorNote error={job.error} />}
      <JobProgress job={job} />
      {job.state !== "done" && (
        <p className="flex items-center gap-3">
          <JobActions job={job} />
          <Link href={`/jobs/${job.id}`} className="text-xs text-muted underline">
            Its log
          </Link>
        </p>
      )}
    </div>
  );
}
