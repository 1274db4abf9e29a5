"use client";
import { auditKindSchema, auditKinds } from "@octet/shared/domain/audit-action";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { useEffect, useState } from "react";
import { Button, Card, Input, Select, Skeleton } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { PageHeader } from "@/components/ui/page-header";
import { errorInfo, useTRPC } from "@/lib/trpc";
import { AuditRow } from "./audit-row";

const wholes = ["cameras", "workers", "people", "models", "precision"] as const;
const parts = ["overrides", "running", "profiles", "gate"] as const;
const optionOf = (kind: (typeof wholes | typeof parts)[number]) => (
  <option key={kind} value={kind}>
    {auditKinds[kind].label}
  </option>
);

/** Who changed what, when and why; the newest first. */
export function AuditLog() {
  const trpc = useTRPC();
  const [kind, setKind] = useState(useSearchParams().get("kind") ?? "");
  const [typed, setTyped] = useState("");
  const search = useSettled(typed.trim());
  const only = auditKindSchema.safeParse(kind).data;
  const { data, error, isPending, isPlaceholderData, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    trpc.audit.list.infiniteQueryOptions(
      { limit: 50, search, ...(only ? { kind: only } : {}) },
      { getNextPageParam: (page) => page.nextCursor, placeholderData: keepPreviousData },
    ),
  );
  const entries = data?.pages.flatMap(({ items }) => items) ?? [];
  const empty = !only && search === "" ? "Nothing was done yet." : hasNextPage ? "None of the newest entries." : "No such entries.";
  return (
    <>
      <PageHeader title="Audit log" note="Who changed what, and when. No entry is ever changed; each is kept for at least two years.">
        <Input
          type="search"
          aria-label="Search the log"
          placeholder="Search"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          className="w-36"
        />
        <Select aria-label="Which entries" value={only ?? ""} onChange={(event) => setKind(event.target.value)} className="w-44">
          <option value="">Everything</option>
          {wholes.map(optionOf)}
          <optgroup label="Of precision">{parts.map(optionOf)}</optgroup>
        </Select>
      </PageHeader>
      {error && <ErrorNote error={errorInfo(error)} />}
      {isPending && <Skeleton className="h-48" />}
      {data && entries.length === 0 && <Card className="p-12 text-center text-muted">{empty}</Card>}
      {entries.length > 0 && (
        <Card className="min-w-0" aria-busy={isPlaceholderData}>
          <ul className="divide-y divide-line">
            {entries.map((entry) => (
              <AuditRow key={entry.id} entry={entry} />
            ))}
          </ul>
        </Card>
      )}
      {hasNextPage && (
        <Button className="mt-4" onClick={() => void fetchNextPage()} disabled={isFetchingNextPage}>
          Show older entries
        </Button>
      )}
    </>
  );
}

const SETTLED_MS = 300;

/** What was typed, once no more comes: the server reads the log anew for it. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
