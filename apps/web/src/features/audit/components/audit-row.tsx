"use client";
import type { inferRouterOutputs } from "@trpc/server";
import { ShieldAlert } from "lucide-react";
import { Chip } from "@/components/ui/controls";
import { Link } from "@/components/ui/link";
import type { AppRouter } from "@/server/root";

type Entry = inferRouterOutputs<AppRouter>["audit"]["list"]["items"][number];

const pages = { profile: "/precision", camera: "/cameras" };

export function AuditRow({ entry }: { entry: Entry }) {
  const { at, who, subject, subjectKind, text, facts, reason, findings, overrides } = entry;
  return (
    <li className="grid gap-x-4 gap-y-1 px-4 py-3 text-sm sm:grid-cols-[11rem_minmax(0,1fr)]">
      <time className="font-mono text-xs leading-5 text-muted" dateTime={new Date(at).toISOString()} suppressHydrationWarning>
        {new Date(at).toLocaleString()}
      </time>
      <div className="grid min-w-0 gap-1 [overflow-wrap:anywhere]">
        <p>
          <b className="font-medium">{who}</b>{" "}
          {subjectKind ? (
            <Link href={`${pages[subjectKind]}/${subject}`} className="hover:text-accent hover:underline">
              {text}
            </Link>
          ) : (
            text
          )}
          {overrides && (
            <Chip className="ml-2 bg-bad/10 text-bad">
              <ShieldAlert className="size-3" aria-hidden /> gate overridden
            </Chip>
          )}
        </p>
        {reason && <p className="border-l-2 border-line pl-2">“{reason}”</p>}
        {findings.length > 0 && (
          <ul className="grid gap-0.5 text-xs text-muted">
            {findings.map((finding) => (
              <li key={finding}>The gate: {finding}</li>
            ))}
          </ul>
        )}
        {facts.length > 0 && <p className="text-xs text-muted">{facts.join(" · ")}</p>}
      </div>
    </li>
  );
}
