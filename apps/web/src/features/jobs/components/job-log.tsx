"use client";
import { useEffect, useRef } from "react";
import { Button, Card } from "@/components/ui/controls";

/** The lines of a job, newest at the end and in sight, unless somebody has scrolled up to read. */
export function JobLog({ lines, onOlder }: { lines: readonly { id: string; at: string; text: string }[]; onOlder: (() => void) | null }) {
  const box = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const last = lines.at(-1)?.id;
  useEffect(() => {
    if (follows.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [last]);
  return (
    <Card className="min-w-0 p-5">
      <div className="mb-3 flex items-center">
        <h2 className="mr-auto font-medium">Log</h2>
        {onOlder && (
          <Button kind="ghost" onClick={onOlder}>
            Show older lines
          </Button>
        )}
      </div>
      {lines.length === 0 && <p className="text-xs text-muted">Nothing yet.</p>}
      <div
        ref={box}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        role="log"
        aria-label="Log of the job"
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          follows.current = scrollHeight - scrollTop - clientHeight < 24;
        }}
        className="max-h-[26rem] overflow-y-auto font-mono text-xs leading-5"
      >
        {lines.map((line) => (
          <p key={line.id} className="flex gap-3 break-words">
            <time className="shrink-0 text-muted" dateTime={line.at} suppressHydrationWarning>
              {new Date(line.at).toLocaleTimeString()}
            </time>
            <span className="min-w-0 whitespace-pre-wrap [overflow-wrap:anywhere]">{line.text}</span>
          </p>
        ))}
      </div>
    </Card>
  );
}
