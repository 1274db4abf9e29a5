"use client";
import { type AlarmKind, alarmSchema } from "@octet/shared/domain/alarm";
import { useQuery } from "@tanstack/react-query";
import { Notice } from "@/components/ui/notice";
import { useTRPC } from "@/lib/trpc";
import { asSentence } from "./alarm-kind";

/** What a camera's or worker's page shows by itself. */
const shownElsewhere = new Set<AlarmKind>(["camera-offline", "model-fallback", "host-lost"]);

/** Open alarms of one camera or worker. */
export function OpenAlarms({ subjectId }: { subjectId: string }) {
  const trpc = useTRPC();
  const { data } = useQuery(trpc.alarms.list.queryOptions({ open: true, limit: 200 }));
  return data?.items
    .map((alarm) => alarmSchema.parse(alarm))
    .filter((alarm) => alarm.subjectId === subjectId && !shownElsewhere.has(alarm.kind))
    .map(({ id, message, hint }) => (
      <Notice key={id}>
        {asSentence(message)} {hint && <span className="text-muted">{asSentence(hint)}</span>}
      </Notice>
    ));
}
