"use client";
import { roleRank } from "@octet/shared/domain/access";
import type { Job } from "@octet/shared/domain/job";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { RotateCcw, Square } from "lucide-react";
import { Button } from "@/components/ui/controls";
import { useTRPC } from "@/lib/trpc";

/** Cancel or try again, for those who may. */
export function JobActions({ job }: { job: Job }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const { data: me } = useQuery(trpc.site.me.queryOptions());
  const refresh = { onSettled: () => void queryClient.invalidateQueries({ queryKey: trpc.jobs.pathKey() }) };
  const cancel = useMutation(trpc.jobs.cancel.mutationOptions(refresh));
  const retry = useMutation(trpc.jobs.retry.mutationOptions(refresh));
  if (!me || roleRank[me.role] < roleRank.operator) return null;
  if (job.state === "queued" || job.state === "running")
    return (
      <Button onClick={() => cancel.mutate({ id: job.id })} disabled={cancel.isPending} aria-label={`Cancel ${job.title}`}>
        <Square className="size-3.5" aria-hidden /> Cancel
      </Button>
    );
  if (job.state === "failed" || job.state === "cancelled")
    return (
      <Button onClick={() => retry.mutate({ id: job.id })} disabled={retry.isPending} aria-label={`Try ${job.title} again`}>
        <RotateCcw className="size-3.5" aria-hidden /> Try again
      </Button>
    );
  return null;
}
