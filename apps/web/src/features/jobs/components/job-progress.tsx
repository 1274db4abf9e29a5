"use client";
import type { Job } from "@octet/shared/domain/job";
import { Progress } from "@/components/ui/progress";
import { useLiveJob, useWorkerStatuses } from "@/features/live/use-live";

/** Seconds, as people say them. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(0, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
}

/** The bar of a job that waits or runs, with its stage, its rate and the time left, as they change. */
export function JobProgress({ job: read }: { job: Job }) {
  const job = useLiveJob(read);
  const workers = useWorkerStatuses();
  if (job.state === "queued")
    return (
      <p className="text-xs text-muted">{workers.length === 0 ? "Waits: no worker is connected" : "Waits for a worker that is free"}</p>
    );
  if (job.state !== "running") return null;
  return (
    <div className="grid gap-1.5">
      <Progress percent={job.percent} label={`Progress of ${job.title}`} />
      <p className="flex flex-wrap gap-x-3 text-xs text-muted">
        <span className="font-mono text-ink">{Math.floor(job.percent)} %</span>
        <span className="min-w-0 truncate">{job.stage}</span>
        {job.ratePerSecond !== null && <span className="font-mono">{rate(job.ratePerSecond)}</span>}
        {job.secondsLeft !== null && <span>about {duration(job.secondsLeft)} left</span>}
      </p>
    </div>
  );
}

const rate = (perSecond: number): string =>
  perSecond >= 0.95 ? `${perSecond.toFixed(perSecond < 10 ? 1 : 0)}/s` : `${(perSecond * 60).toFixed(1)}/min`;
