"use client";
import type { Job } from "@octet/shared/domain/job";
import { jobSchema } from "@octet/shared/domain/job";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Card, Skeleton } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { PageHeader } from "@/components/ui/page-header";
import { useLiveJob, useWorkerStatuses } from "@/features/live/use-live";
import { errorInfo, useTRPC } from "@/lib/trpc";
import { JobActions } from "./job-actions";
import { JobLog } from "./job-log";
import { duration, JobProgress } from "./job-progress";
import { JobStateMark } from "./job-state";
import { workerName } from "./worker-name";

const SOME_LINES = 200;
const ALL_LINES = 2000;

/** One job: how far it is, what it said, what went in and what came out. */
export function JobView({ id }: { id: string }) {
  const trpc = useTRPC();
  const [logLimit, setLogLimit] = useState(SOME_LINES);
  const { data, error } = useQuery(
    trpc.jobs.byId.queryOptions(
      { id, logLimit },
      {
        placeholderData: (before) => before,
        refetchInterval: ({ state }) => (state.data?.state === "running" || state.data?.state === "queued" ? 2000 : false),
      },
    ),
  );
  if (error) return <ErrorNote error={errorInfo(error)} />;
  if (!data) return <Skeleton className="h-64" />;
  return (
    <div className="grid min-w-0 gap-4">
      <Head job={jobSchema.parse(data)} createdBy={data.createdBy} />
      <JobLog
        lines={data.log.lines}
        onOlder={data.log.olderCursor !== null && logLimit < ALL_LINES ? () => setLogLimit(ALL_LINES) : null}
      />
      <Json title="Input" note={`sha256 ${data.inputHash}: jobs with the same have the same inputs to the byte`} value={data.payload} />
      {data.result !== null && <Json title="Result" value={data.result} />}
    </div>
  );
}

function Head({ job: read, createdBy }: { job: Job; createdBy: string | null }) {
  const job = useLiveJob(read);
  const workers = useWorkerStatuses();
  const facts = [
    job.kind,
    createdBy && `asked by ${createdBy}`,
    job.workerId && `on ${workerName(job.workerId, workers)}`,
    job.state === "queued" && job.onWorkerId && `waits for ${workerName(job.onWorkerId, workers)}`,
    job.attempt > 0 && `attempt ${job.attempt}`,
    job.startedAt && job.endedAt && `took ${duration((job.endedAt.getTime() - job.startedAt.getTime()) / 1000)}`,
  ].filter(Boolean);
  return (
    <div>
      <PageHeader title={job.title} note={facts.join(" · ")}>
        <JobStateMark state={job.state} />
        <JobActions job={job} />
      </PageHeader>
      <JobProgress job={job} />
      {job.error && <ErrorNote error={job.error} />}
    </div>
  );
}

function Json({ title, note, value }: { title: string; note?: string; value: unknown }) {
  return (
    <Card className="min-w-0 p-5">
      <details>
        <summary className="cursor-pointer font-medium">{title}</summary>
        {note && <p className="mt-2 text-xs break-all text-muted">{note}</p>}
        <pre className="mt-3 max-h-96 overflow-auto font-mono text-xs whitespace-pre-wrap [overflow-wrap:anywhere]">
          {JSON.stringify(value, null, 2)}
        </pre>
      </details>
    </Card>
  );
}
