"use client";
import { type AuditText, auditText } from "@octet/shared/domain/audit-entry";
import { useQuery } from "@tanstack/react-query";
import { ShieldAlert } from "lucide-react";
import { useState } from "react";
import { Card, Chip, Input, Select, Skeleton } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { Link } from "@/components/ui/link";
import { PageHeader } from "@/components/ui/page-header";
import { errorInfo, useTRPC } from "@/lib/trpc";

const kinds: Record<string, (action: string) => boolean> = {
  Everything: () => true,
  "Gate overridden": (action) => action === "profile.promote-override",
  "What runs": (action) => /^profile\.(promote|roll-back|shadow)/.test(action),
  Profiles: (action) => /^profile\.(create|import|reject)$/.test(action),
  "The gate": (action) => action === "gate.set",
};

/** Who did what with profiles and the gate, when and why; the newest first. */
export function AuditLog() {
  const trpc = useTRPC();
  const audit = useQuery(trpc.profiles.audit.queryOptions());
  const profiles = useQuery(trpc.profiles.list.queryOptions());
  const cameras = useQuery(trpc.cameras.list.queryOptions());
  const [kind, setKind] = useState("Everything");
  const [search, setSearch] = useState("");
  const names = {
    profile: (id: string) => profiles.data?.find((profile) => profile.id === id)?.name,
    camera: (id: string) => cameras.data?.find((camera) => camera.id === id)?.name,
  };
  const fits = kinds[kind] ?? (() => true);
  const entries = (audit.data ?? [])
    .filter(({ action }) => fits(action))
    .map((entry) => ({ ...entry, ...auditText(entry, names) }))
    .filter(({ who, text, facts, reason }) => [who, text, reason, ...facts].join(" ").toLowerCase().includes(search.toLowerCase()));
  return (
    <>
      <PageHeader title="Audit log" note="Who did what with profiles and the gate. Nothing in it is ever changed.">
        <Input
          aria-label="Search the log"
          placeholder="Search"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
          className="w-36"
        />
        <Select aria-label="Which entries" value={kind} onChange={(event) => setKind(event.target.value)} className="w-40">
          {Object.keys(kinds).map((name) => (
            <option key={name}>{name}</option>
          ))}
        </Select>
      </PageHeader>
      {audit.error && <ErrorNote error={errorInfo(audit.error)} />}
      {audit.isPending && <Skeleton className="h-48" />}
      {audit.data && entries.length === 0 && (
        <Card className="p-12 text-center text-muted">{audit.data.length === 0 ? "Nothing was done yet." : "No such entries."}</Card>
      )}
      {entries.length > 0 && (
        <Card className="min-w-0">
          <ul className="divide-y divide-line">
            {entries.map(({ id, at, who, subject, ...entry }) => (
              <Entry key={id} at={at} who={who} href={names.profile(subject) ? `/precision/${subject}` : null} {...entry} />
            ))}
          </ul>
        </Card>
      )}
      {audit.data && audit.data.length >= SHOWN && <p className="mt-3 text-xs text-muted">The newest {SHOWN} entries are shown.</p>}
    </>
  );
}

/** As many as the server sends. */
const SHOWN = 200;

function Entry({
  at,
  who,
  href,
  text,
  facts,
  reason,
  findings,
  overrides,
}: AuditText & { at: string | Date; who: string; href: string | null }) {
  return (
    <li className="grid gap-x-4 gap-y-1 px-4 py-3 text-sm sm:grid-cols-[11rem_minmax(0,1fr)]">
      <time className="font-mono text-xs leading-5 text-muted" dateTime={new Date(at).toISOString()} suppressHydrationWarning>
        {new Date(at).toLocaleString()}
      </time>
      <div className="grid min-w-0 gap-1 [overflow-wrap:anywhere]">
        <p>
          <b className="font-medium">{who}</b>{" "}
          {href ? (
            <Link href={href} className="hover:text-accent hover:underline">
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
