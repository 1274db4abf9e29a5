"use client";
import { type Job, jobSchema } from "@octet/shared/domain/job";
import { Card } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { Link } from "@/components/ui/link";
import { useLiveJob } from "@/features/live/use-live";
import { JobActions } from "./job-actions";
import { JobProgress } from "./job-progress";

/** A job beside what it is about: how far it is, as it changes, or why it failed. */
export function JobLine({ job: read }: { job: unknown }) {
  return <Line job={jobSchema.parse(read)} />;
}

function Line({ job: read }: { job: Job }) {
  const job = useLiveJob(read);
  if (job.state === "failed" && job.error)
    return (
      <Card className="grid min-w-0 gap-3 p-4">
        <ErrorNote error={{ ...job.error, message: `${job.title}: ${job.error.message}` }} />
        <p className="flex flex-wrap items-center gap-3">
          <JobActions job={job} />
          <Link href={`/jobs/${job.id}`} className="text-xs text-muted underline hover:text-ink">
            Its log
          </Link>
        </p>
      </Card>
    );
  return (
    <Card className="grid gap-2 p-4">
      <p className="flex flex-wrap items-center gap-3 text-sm">
        <Link href={`/jobs/${job.id}`} className="mr-auto font-medium hover:text-accent">
          {job.title}
        </Link>
        <JobActions job={job} />
      </p>
      <JobProgress job={job} />
    </Card>
  );
}
