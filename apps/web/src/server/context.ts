import type { Role } from "@octet/shared/domain/access";
import type { Database } from "@octet/db/client";
import { verifyToken } from "../features/tokens/data.ts";
import { sessionFromHeaders } from "./auth.ts";
import { type GatewayPort, runtime } from "./runtime.ts";

export interface Caller {
  /** A person's id, or a token's. */
  id: string;
  name: string;
  email: string | null;
  role: Role;
  via: "session" | "token";
}

export interface Context {
  db: Database;
  gateway: GatewayPort;
  caller: Caller | null;
  headers: Headers;
}

export async function createContext(headers: Headers): Promise<Context> {
  const { db, gateway } = runtime();
  return { db, gateway, caller: await callerOf(db, headers), headers };
}

/** A bearer token counts before a cookie: a program says who it is on purpose. */
export async function callerOf(db: Database, headers: Headers): Promise<Caller | null> {
  const bearer = headers.get("authorization")?.match(/^Bearer\s+(\S+)$/i)?.[1];
  if (bearer) {
    const token = await verifyToken(db, bearer, "api");
    return token && { id: token.id, name: token.name, email: null, role: token.role, via: "token" };
  }
  const session = await sessionFromHeaders(headers);
  return session && { id: session.userId, name: session.name, email: session.email, role: session.role, via: "session" };
}
