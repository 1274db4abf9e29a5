import { createHash } from "node:crypto";
import type { Database } from "@octet/db/client";
import { type AccessToken, accessTokenSchema, type Role, roleSchema } from "@octet/shared/domain/access";

const TOUCH_EVERY_MS = 60_000;

/** Tokens are 32 random bytes, so that a plain hash is as good as a slow one. */
export const hashToken = (token: string): string => createHash("sha256").update(token).digest("hex");

/** Whom a token belongs to, or null. Notes its use, at most once a minute. */
export async function verifyToken(
  db: Database,
  token: string,
  kind: AccessToken["kind"],
): Promise<{ id: string; name: string; role: Role } | null> {
  if (token.length < 16) return null;
  const row = await db.accessToken.findUnique({ where: { hash: hashToken(token) } });
  if (row?.kind !== kind) return null;
  if (!row.lastUsedAt || Date.now() - row.lastUsedAt.getTime() > TOUCH_EVERY_MS)
    await db.accessToken.updateMany({ where: { id: row.id }, data: { lastUsedAt: new Date() } });
  return { id: row.id, name: row.name, role: roleSchema.parse(row.role) };
}

export async function listTokens(db: Database): Promise<AccessToken[]> {
  const rows = await db.accessToken.findMany({ orderBy: { createdAt: "asc" } });
  return rows.map((row) => accessTokenSchema.parse(row));
}
