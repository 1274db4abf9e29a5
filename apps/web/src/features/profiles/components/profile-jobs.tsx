"use client";
import { useQuery } from "@tanstack/react-query";
import { JobLine } from "@/features/jobs/components/job-line";
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
          <JobLine job={job} />
        </li>
      ))}
    </ul>
  );
}
