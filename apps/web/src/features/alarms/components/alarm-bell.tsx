"use client";
import { useQuery } from "@tanstack/react-query";
import { Bell } from "lucide-react";
import { Link } from "@/components/ui/link";
import { useTRPC } from "@/lib/trpc";

/** Open alarms that nobody has acknowledged. */
function useAlarmCount(): number {
  const trpc = useTRPC();
  // Also without the live connection: the alarm may be that it is gone.
  return useQuery(trpc.alarms.count.queryOptions(undefined, { refetchInterval: 30_000 })).data?.unacknowledged ?? 0;
}

export function AlarmBadge() {
  const count = useAlarmCount();
  if (count === 0) return null;
  return (
    <span className="ml-auto rounded-full bg-bad px-1.5 py-px text-[0.65rem] leading-4 font-semibold text-surface tabular-nums">
      {count > 99 ? "99+" : count}
      <span className="sr-only"> open</span>
    </span>
  );
}

/** For the header of small screens. */
export function AlarmBell() {
  const count = useAlarmCount();
  return (
    <Link
      href="/alarms"
      className="relative rounded-md p-2 text-muted hover:bg-raised hover:text-ink"
      aria-label={count > 0 ? `Alarms: ${count} open` : "Alarms"}
    >
      <Bell className="size-4" aria-hidden />
      {count > 0 && (
        <span className="absolute -top-0.5 -right-0.5 grid min-w-4 place-items-center rounded-full bg-bad px-1 text-[0.6rem] leading-4 font-semibold text-surface">
          {count > 99 ? "99+" : count}
        </span>
      )}
    </Link>
  );
}
