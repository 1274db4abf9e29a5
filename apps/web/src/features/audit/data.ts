import type { Database } from "@octet/db/client";
import { auditKinds } from "@octet/shared/domain/audit-action";
import { type AuditText, auditText, type Names } from "@octet/shared/domain/audit-entry";
import { z } from "zod";
import type { ListAudit } from "./schema.ts";

type Row = Awaited<ReturnType<Database["auditEntry"]["findMany"]>>[number];

export interface AuditItem extends AuditText {
  id: number;
  at: Date;
  who: string;
  action: string;
  subject: string;
  detail: unknown;
  /** What `subject` is the id of; null where that is gone, or has no page of its own. */
  subjectKind: "profile" | "camera" | null;
}

/** Rows of one query, and of one search: whoever looks for what is not there must not hold up the process. */
const BATCH = 500;
const MOST = 20_000;

/** Newest first. A search that has read 20,000 entries ends with what it has found, and its cursor leads on. */
export async function listAudit(
  db: Database,
  { kind, search, limit, cursor }: ListAudit,
): Promise<{ items: AuditItem[]; nextCursor: string | null }> {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const take = words.length > 0 ? BATCH : limit + 1;
  const items: AuditItem[] = [];
  let before = cursor ? BigInt(cursor) : null;
  for (let read = 0; read < MOST; read += take) {
    const rows = await db.auditEntry.findMany({
      where: { ...(kind ? { action: { in: [...auditKinds[kind].actions] } } : {}), ...(before === null ? {} : { id: { lt: before } }) },
      orderBy: { id: "desc" },
      take,
    });
    for (const item of await toItems(db, rows)) {
      if (!holds(item, words)) continue;
      if (items.length === limit) return { items, nextCursor: String(items.at(-1)!.id) };
      items.push(item);
    }
    if (rows.length < take) return { items, nextCursor: null };
    before = rows.at(-1)!.id;
  }
  return { items, nextCursor: String(before) };
}

function holds({ who, text, facts, reason }: AuditItem, words: readonly string[]): boolean {
  const all = [who, text, reason, ...facts].join(" ").toLowerCase();
  return words.every((word) => all.includes(word));
}

async function toItems(db: Database, rows: readonly Row[]): Promise<AuditItem[]> {
  const names = await namesIn(db, rows);
  return rows.map(({ id, ...row }) => ({
    ...row,
    id: Number(id),
    ...auditText(row, names),
    subjectKind: names.profile(row.subject) !== undefined ? "profile" : names.camera(row.subject) !== undefined ? "camera" : null,
  }));
}

const placesSchema = z.object({ to: z.string().nullish(), scopeValue: z.string().nullish() }).catch({});

/** Of the profiles and cameras that these entries are about. */
async function namesIn(db: Database, rows: readonly Row[]): Promise<Names> {
  const mentioned = rows.flatMap(({ subject, detail }) => {
    const { to, scopeValue } = placesSchema.parse(detail);
    return [subject, to, scopeValue];
  });
  const ids = [...new Set(mentioned)].filter((id) => z.uuid().safeParse(id).success) as string[];
  const where = { id: { in: ids } };
  const select = { id: true, name: true };
  const [profiles, cameras] = await Promise.all([db.profile.findMany({ where, select }), db.camera.findMany({ where, select })]);
  const named = (known: readonly { id: string; name: string }[]) => new Map(known.map(({ id, name }) => [id, name]));
  const [profileNames, cameraNames] = [named(profiles), named(cameras)];
  return { profile: (id) => profileNames.get(id), camera: (id) => cameraNames.get(id) };
}
