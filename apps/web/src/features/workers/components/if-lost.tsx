"use client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ErrorNote } from "@/components/ui/error-note";
import { percent } from "@/lib/format";
import { errorInfo, useTRPC } from "@/lib/trpc";
import { Meter } from "./meter";

const SHOWN = 5;

/** What would become of a worker's cameras without it: asked for when it is opened, since all cameras are placed for it. */
export function IfLost({ workerId }: { workerId: string }) {
  const [open, setOpen] = useState(false);
  return (
    <details className="rounded-md border border-line p-3" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="cursor-pointer text-xs text-muted">If it were lost now</summary>
      {open && <Loss workerId={workerId} />}
    </details>
  );
}

function Loss({ workerId }: { workerId: string }) {
  const trpc = useTRPC();
  const { data, error } = useQuery(trpc.workers.ifLost.queryOptions({ id: workerId }, { refetchInterval: 10_000 }));
  if (error) return <ErrorNote error={errorInfo(error)} />;
  if (!data) return <p className="mt-3 text-xs text-muted">Placing its cameras …</p>;
  const { cameras, stranded, hosts } = data;
  const full = hosts.filter(({ load }) => load > 1).length;
  return (
    <div className="mt-3 grid gap-3">
      <p className="text-sm">
        {cameras === 0
          ? "It has no cameras."
          : hosts.length === 0
            ? "There is no other worker: all its cameras would wait."
            : sentence(cameras, stranded.length, full)}
      </p>
      {stranded.length > 0 && hosts.length > 0 && (
        <p className="text-xs text-muted">
          No other worker may run {stranded.slice(0, SHOWN).join(", ")}
          {stranded.length > SHOWN && ` and ${stranded.length - SHOWN} more`}: see the labels that they ask for.
        </p>
      )}
      {cameras > 0 &&
        hosts
          .slice(0, SHOWN)
          .map(({ workerId: id, name, gains, load }) => (
            <Meter key={id} label={`${name}, ${gains} more`} value={`${percent(load)} asked for`} share={load} />
          ))}
      {cameras > 0 && hosts.length > SHOWN && <p className="text-xs text-muted">{hosts.length - SHOWN} others would be emptier.</p>}
    </div>
  );
}

function sentence(cameras: number, stranded: number, full: number): string {
  const its = cameras === 1 ? "Its camera" : `Its ${cameras} cameras`;
  if (stranded === cameras) return `${its} would wait: no other worker may run ${cameras === 1 ? "it" : "them"}.`;
  const moved = stranded === 0 ? its : `${cameras - stranded} of its ${cameras} cameras`;
  const rates = full === 0 ? ", at their full rate." : `; ${full === 1 ? "one worker" : `${full} workers`} would lower rates.`;
  return `${moved} would run elsewhere${rates}`;
}
