import { randomBytes } from "node:crypto";
import type { Database } from "@octet/db/client";
import { type AccessToken, accessTokenSchema, type Role } from "@octet/shared/domain/access";
import { AppError } from "@octet/shared/errors";
import { hashToken } from "./data.ts";
import type { TokenInput } from "./schema.ts";

/** Makes a token. The answer is the only place where it can ever be read. */
export async function createToken(db: Database, input: TokenInput): Promise<AccessToken & { token: string }> {
  const token = `octet_${randomBytes(32).toString("base64url")}`;
  const row = await db.accessToken.create({ data: { ...input, hash: hashToken(token) } });
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

export async function revokeToken(db: Database, id: string): Promise<void> {
  const { count } = await db.accessToken.deleteMany({ where: { id } });
  if (count === 0) throw new AppError("NOT_FOUND", "There is no such token");
}
