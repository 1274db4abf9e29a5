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
  /** Of `via: "session"`. */
  sessionId: string | null;
}

export interface Context {
  db: Database;
  gateway: GatewayPort;
  headers: Headers;
  /** Looked up once, and not before a procedure asks: there an unreachable database is reported as such. */
  findCaller(): Promise<Caller | null>;
}

export function createContext(headers: Headers): Context {
  const { db, gateway } = runtime();
  let caller: Promise<Caller | null> | undefined;
  return {
    db,
    gateway,
    headers,
    findCaller: () => {
      caller ??= callerOf(db, headers);
      return caller;
    },
  };
}

/** A bearer token counts before a cookie: a program says who it is on purpose. */
export async function callerOf(db: Database, headers: Headers): Promise<Caller | null> {
  const bearer = headers.get("authorization")?.match(/^Bearer\s+(\S+)$/i)?.[1];
  if (bearer) {
    const token = await verifyToken(db, bearer, "api");
    return token && { id: token.id, name: token.name, email: null, role: token.role, via: "token", sessionId: null };
  }
  const session = await sessionFromHeaders(headers);
  if (!session) return null;
  const { userId: id, name, email, role, sessionId } = session;
  return { id, name, email, role, via: "session", sessionId };
}
