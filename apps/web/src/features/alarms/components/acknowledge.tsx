"use client";
import { roleRank } from "@octet/shared/domain/access";
import type { Alarm } from "@octet/shared/domain/alarm";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Check } from "lucide-react";
import { Button } from "@/components/ui/controls";
import { useTRPC } from "@/lib/trpc";

/** For those who may, while nobody has. */
export function Acknowledge({ alarm }: { alarm: Alarm }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const { data: me } = useQuery(trpc.site.me.queryOptions());
  const acknowledge = useMutation(
    trpc.alarms.acknowledge.mutationOptions({ onSettled: () => void queryClient.invalidateQueries({ queryKey: trpc.alarms.pathKey() }) }),
  );
  if (alarm.acknowledgedAt || !me || roleRank[me.role] < roleRank.operator) return null;
  return (
    <Button
      onClick={() => acknowledge.mutate({ id: alarm.id })}
      disabled={acknowledge.isPending}
      aria-label={`Acknowledge: ${alarm.subjectName}, ${alarm.message}`}
    >
      <Check className="size-3.5" aria-hidden /> Acknowledge
    </Button>
  );
}
