"use client";
import { type JobState, jobSchema } from "@octet/shared/domain/job";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button, Card, Skeleton } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { PageHeader } from "@/components/ui/page-header";
import { cn } from "@/lib/cn";
import { errorInfo, useTRPC } from "@/lib/trpc";
import { JobRow } from "./job-row";

const views: Record<string, JobState[] | undefined> = {
  All: undefined,
  Active: ["queued", "running"],
  Failed: ["failed", "cancelled"],
  Done: ["done"],
};

export function JobList() {
  const trpc = useTRPC();
  const [view, setView] = useState("All");
  const states = views[view];
  const { data, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    trpc.jobs.list.infiniteQueryOptions(
      { limit: 30, ...(states ? { states } : {}) },
      // Other web processes' jobs do not reach this browser by themselves.
      { getNextPageParam: (page) => page.nextCursor, refetchInterval: 10_000 },
    ),
  );
  const jobs = data?.pages.flatMap((page) => page.items.map((job) => jobSchema.parse(job))) ?? [];
  return (
    <>
      <PageHeader title="Jobs" note="What workers are asked to do">
        <fieldset className="flex rounded-md border border-line bg-surface p-0.5">
          <legend className="sr-only">Which jobs</legend>
          {Object.keys(views).map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={name === view}
              onClick={() => setView(name)}
              className={cn(
                "cursor-pointer rounded px-3 py-1.5 text-xs text-muted hover:text-ink",
                name === view && "bg-raised font-medium text-ink",
              )}
            >
              {name}
            </button>
          ))}
        </fieldset>
      </PageHeader>
      {error && <ErrorNote error={errorInfo(error)} />}
      {isPending && <Skeleton className="h-48" />}
      {data && jobs.length === 0 && (
        <Card className="p-12 text-center text-muted">
          {states ? "No such jobs." : "No jobs yet. Add a model, collect a data set or build a profile, and its job shows here."}
        </Card>
      )}
      {jobs.length > 0 && (
        <Card>
          <ul className="divide-y divide-line">
            {jobs.map((job) => (
              <JobRow key={job.id} job={job} />
            ))}
          </ul>
        </Card>
      )}
      {hasNextPage && (
        <Button className="mt-4" onClick={() => void fetchNextPage()} disabled={isFetchingNextPage}>
          Show older jobs
        </Button>
      )}
    </>
  );
}
