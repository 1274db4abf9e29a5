import { randomBytes } from "node:crypto";
import type { Database } from "@octet/db/client";
import { type AccessToken, accessTokenSchema, type Role } from "@octet/shared/domain/access";
import { notFound } from "../../server/not-found.ts";
import { audit } from "../audit/mutations.ts";
import { hashToken } from "./data.ts";
import type { TokenInput } from "./schema.ts";

/** Makes a token. The answer is the only place where it can ever be read. */
export async function createToken(db: Database, input: TokenInput, who: string): Promise<AccessToken & { token: string }> {
  const token = `octet_${randomBytes(32).toString("base64url")}`;
  const { name, kind, role } = input;
  const row = await db.$transaction(async (tx) => {
    const made = await tx.accessToken.create({ data: { name, kind, role, hash: hashToken(token) } });
    await audit(tx, who, "token.create", made.id, { name, kind, role });
    return made;
  });
  return { ...accessTokenSchema.parse(row), token };
}

/** Makes a token that somebody else chose valid (the start command's, say). Safe to call at each start. */
export async function registerToken(
  db: Database,
  input: { token: string; name: string; kind: AccessToken["kind"]; role: Role },
): Promise<void> {
  const { token, ...facts } = input;
  const hash = hashToken(token);
  await db.accessToken.upsert({ where: { hash }, create: { ...facts, hash }, update: {} });
}

/** @throws AppError NOT_FOUND */
export function revokeToken(db: Database, id: string, who: string): Promise<void> {
  return db.$transaction(async (tx) => {
    const token = await tx.accessToken.findUnique({ where: { id }, select: { name: true, kind: true, role: true } });
    const { count } = await tx.accessToken.deleteMany({ where: { id } });
    if (!token || count === 0) throw notFound("token");
    await audit(tx, who, "token.revoke", id, token);
  });
}
