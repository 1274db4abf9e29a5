"use client";
import { useQuery } from "@tanstack/react-query";
import { CircleCheck, TriangleAlert } from "lucide-react";
import { Card } from "@/components/ui/controls";
import { Link } from "@/components/ui/link";
import { useTRPC } from "@/lib/trpc";

/** Which cameras do not run what was promoted for them, and why. Nothing where nothing was promoted. */
export function OnAirCard() {
  const trpc = useTRPC();
  const { data } = useQuery({ ...trpc.profiles.onAir.queryOptions(), refetchInterval: 3000 });
  const meant = data?.filter(({ promoted }) => promoted !== null) ?? [];
  if (meant.length === 0) return null;
  const behind = meant.filter(({ promoted, model, alarm }) => alarm !== null || promoted!.sha256 !== model);
  return (
    <Card className="min-w-0 p-5">
      <h2 className="flex items-center gap-2 font-medium">
        {behind.some(({ alarm }) => alarm) ? (
          <TriangleAlert className="size-4 text-bad" aria-hidden />
        ) : (
          <CircleCheck className={behind.length === 0 ? "size-4 text-ok" : "size-4 text-muted"} aria-hidden />
        )}
        {behind.length === 0
          ? `What was promoted runs on all ${meant.length} cameras that it is for`
          : `${behind.length} of ${meant.length} cameras do not run what was promoted`}
      </h2>
      {behind.length > 0 && (
        <ul className="mt-3 grid gap-2 text-sm">
          {behind.map(({ cameraId, name, promoted, state, model, alarm }) => (
            <li key={cameraId} className="grid gap-x-4 gap-y-0.5 border-t border-line/60 pt-2 sm:grid-cols-[12rem_minmax(0,1fr)]">
              <Link href={`/cameras/${cameraId}`} className="truncate font-medium hover:text-accent">
                {name}
              </Link>
              <span className="min-w-0 [overflow-wrap:anywhere]">
                <span className="text-muted">
                  should run{" "}
                  <Link href={`/precision/${promoted!.profileId}`} className="text-ink hover:text-accent">
                    {promoted!.name}
                  </Link>
                  :
                </span>{" "}
                {alarm ? (
                  <span className="text-bad">
                    {alarm.message} {alarm.hint && <span className="text-muted">{alarm.hint}</span>}{" "}
                    <span className="font-mono text-xs text-muted">{alarm.code}</span>
                  </span>
                ) : state === null || state === "waiting" ? (
                  "no worker runs it"
                ) : model === null || state === "offline" ? (
                  "it is offline"
                ) : (
                  "is changing over"
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
