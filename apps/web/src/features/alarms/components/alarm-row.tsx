"use client";
import type { Alarm } from "@octet/shared/domain/alarm";
import { CircleCheck, OctagonAlert, TriangleAlert } from "lucide-react";
import { Chip } from "@/components/ui/controls";
import { Link } from "@/components/ui/link";
import { cn } from "@/lib/cn";
import { ago } from "@/lib/format";
import { Acknowledge } from "./acknowledge";
import { alarmNames, asSentence } from "./alarm-kind";

const looks = {
  critical: { icon: OctagonAlert, className: "text-bad" },
  warning: { icon: TriangleAlert, className: "text-warn" },
  cleared: { icon: CircleCheck, className: "text-muted" },
};

export function AlarmRow({ alarm }: { alarm: Alarm }) {
  const { icon: Icon, className } = looks[alarm.clearedAt ? "cleared" : alarm.severity];
  return (
    <li className="grid gap-x-4 gap-y-2 px-4 py-3 md:grid-cols-[minmax(0,1fr)_auto] md:items-center">
      <div className="flex min-w-0 gap-3">
        <Icon className={cn("mt-0.5 size-4 shrink-0", className)} aria-label={alarm.clearedAt ? "cleared" : alarm.severity} />
        <div className="grid min-w-0 gap-1">
          <p className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
            <Link
              href={alarm.subjectKind === "camera" ? `/cameras/${alarm.subjectId}` : "/workers"}
              className="min-w-0 truncate font-medium hover:underline"
            >
              {alarm.subjectName}
            </Link>
            <Chip>{alarmNames[alarm.kind]}</Chip>
          </p>
          <p className={cn("[overflow-wrap:anywhere]", alarm.clearedAt && "text-muted")}>
            {asSentence(alarm.message)} {alarm.hint && !alarm.clearedAt && <span className="text-muted">{asSentence(alarm.hint)}</span>}
          </p>
          <p className="text-xs text-muted" suppressHydrationWarning>
            raised {ago(alarm.raisedAt.getTime())}
            {alarm.clearedAt && ` · cleared ${ago(alarm.clearedAt.getTime())}`}
            {alarm.acknowledgedAt && ` · acknowledged by ${alarm.acknowledgedBy}`}
          </p>
        </div>
      </div>
      {!alarm.clearedAt && (
        <div className="justify-self-start">
          <Acknowledge alarm={alarm} />
        </div>
      )}
    </li>
  );
}
