"use client";
import { type Job, jobSchema } from "@octet/shared/domain/job";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { ErrorNote } from "@/components/ui/error-note";
import { Progress } from "@/components/ui/progress";
import { useLiveJob } from "@/features/live/use-live";
import { useTRPC } from "@/lib/trpc";

/** Jobs of these profiles that wait, run, or have failed since the last one that did not. */
export function ProfileJobs({ profileIds }: { profileIds: readonly string[] }) {
  const trpc = useTRPC();
  const { data } = useQuery(trpc.jobs.list.queryOptions({ kinds: ["build", "validate", "benchmark"], limit: 50 }));
  const mine = data?.items.filter(({ subjectId }) => subjectId !== null && profileIds.includes(subjectId)) ?? [];
  const newest = mine.filter((job, at) => !mine.slice(0, at).some((later) => later.subjectId === job.subjectId && later.kind === job.kind));
  const shown = newest.filter(({ state }) => state === "queued" || state === "running" || state === "failed");
  if (shown.length === 0) return null;
  return (
    <ul className="mb-4 grid gap-2">
      {shown.map((job) => (
        <li key={job.id}>
          <ProfileJob job={jobSchema.parse(job)} />
        </li>
      ))}
    </ul>
  );
}

function ProfileJob({ job: read }: { job: Job }) {
  const job = useLiveJob(read);
  if (job.state === "failed" && job.error) return <ErrorNote error={{ ...job.error, message: `${job.title}: ${job.error.message}` }} />;
  return (
    <div className="rounded-md border border-line p-3">
      <p className="flex flex-wrap gap-x-3 text-sm">
        <Link href={`/jobs/${job.id}`} className="mr-auto font-medium hover:text-accent">
          {job.title}
        </Link>
        <span className="text-xs text-muted">{job.state === "queued" ? "waits for a worker" : job.stage}</span>
        {job.secondsLeft !== null && <span className="text-xs text-muted">about {Math.ceil(job.secondsLeft)} s left</span>}
        <span className="font-mono text-xs">{Math.round(job.percent)} %</span>
      </p>
      <Progress percent={job.percent} label={job.title} className="mt-2" />
    </div>
  );
}
