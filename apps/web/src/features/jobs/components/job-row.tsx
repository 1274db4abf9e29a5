"use client";
import type { Job } from "@octet/shared/domain/job";
import { Chip } from "@/components/ui/controls";
import { Link } from "@/components/ui/link";
import { useLiveJob, useWorkerStatuses } from "@/features/live/use-live";
import { ago } from "@/lib/format";
import { JobActions } from "./job-actions";
import { duration, JobProgress } from "./job-progress";
import { JobStateMark } from "./job-state";
import { workerName } from "./worker-name";

export function JobRow({ job: read }: { job: Job }) {
  const job = useLiveJob(read);
  const workers = useWorkerStatuses();
  return (
    <li className="grid gap-x-4 gap-y-2 px-4 py-3 md:grid-cols-[minmax(0,1fr)_auto] md:items-center">
      <div className="grid min-w-0 gap-2">
        <p className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
          <Link href={`/jobs/${job.id}`} className="min-w-0 truncate font-medium hover:underline">
            {job.title}
          </Link>
          <JobStateMark state={job.state} />
          <Chip>{job.kind}</Chip>
          {job.attempt > 1 && <Chip title="Runs before this one were lost, refused or tried again">attempt {job.attempt}</Chip>}
        </p>
        <JobProgress job={job} />
        {job.error && (
          <p className="text-xs text-bad">
            {job.error.message} {job.error.hint && <span className="text-muted">{job.error.hint}</span>}{" "}
            <span className="font-mono text-muted">{job.error.code}</span>
          </p>
        )}
        <p className="text-xs text-muted" suppressHydrationWarning>
          asked {ago(job.createdAt.getTime())}
          {job.startedAt && job.endedAt && ` · took ${duration((job.endedAt.getTime() - job.startedAt.getTime()) / 1000)}`}
          {job.workerId && ` · on ${workerName(job.workerId, workers)}`}
          {job.state === "queued" && job.onWorkerId && ` · waits for ${workerName(job.onWorkerId, workers)}`}
        </p>
      </div>
      <div className="justify-self-start">
        <JobActions job={job} />
      </div>
    </li>
  );
}
