import type { Database } from "@octet/db/client";
import type { AuditAction } from "@octet/shared/domain/audit-action";

/**
 * Writes down who did what; never changed afterwards. Belongs into the transaction of the change. `subject` is an id: what
 * it is about may be gone later, so `detail` holds its name, and never a secret.
 */
export async function audit(
  db: Pick<Database, "auditEntry">,
  who: string,
  action: AuditAction,
  subject: string,
  detail: object = {},
): Promise<void> {
  await db.auditEntry.create({ data: { who, action, subject, detail: { ...detail } } });
}

/** Removes entries from before then. Those about a profile stay as long as it does: its acceptance report tells them. */
export async function dropOldEntries(db: Database, before: Date): Promise<number> {
  const profiles = await db.profile.findMany({ select: { id: true } });
  const { count } = await db.auditEntry.deleteMany({ where: { at: { lt: before }, subject: { notIn: profiles.map(({ id }) => id) } } });
  return count;
}
