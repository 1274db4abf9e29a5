import { type Database, isDatabaseUnavailable } from "@octet/db/client";
import { type Role, roleRank } from "@octet/shared/domain/access";
import { AppError } from "@octet/shared/errors";
import { env } from "../env.ts";
import { verifyToken } from "../features/tokens/data.ts";
import { sessionFromHeaders } from "./auth.ts";
import { type ArtifactPort, type GatewayPort, type JobPort, runtime } from "./runtime.ts";

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
  artifacts: ArtifactPort;
  jobs: JobPort;
  headers: Headers;
  /** Looked up once, and not before a procedure asks: there an unreachable database is reported as such. */
  findCaller(): Promise<Caller | null>;
}

export function createContext(headers: Headers): Context {
  const { db, gateway, artifacts, jobs } = runtime();
  let caller: Promise<Caller | null> | undefined;
  return {
    db,
    gateway,
    artifacts,
    jobs,
    headers,
    findCaller: () => {
      caller ??= callerOf(db, headers);
      return caller;
    },
  };
}

const bearerOf = (headers: Headers): string | undefined => headers.get("authorization")?.match(/^Bearer\s+(\S+)$/i)?.[1];

/** A bearer token counts before a cookie: a program says who it is on purpose. */
export async function callerOf(db: Database, headers: Headers): Promise<Caller | null> {
  const bearer = bearerOf(headers);
  if (bearer) {
    const token = await verifyToken(db, bearer, "api");
    return token && { id: token.id, name: token.name, email: null, role: token.role, via: "token", sessionId: null };
  }
  const session = await sessionFromHeaders(headers);
  if (!session) return null;
  const { userId: id, name, email, role, sessionId } = session;
  return { id, name, email, role, via: "session", sessionId };
}

/** @throws AppError UNAUTHENTICATED for nobody, FORBIDDEN for too low a role, or a change that comes from another site's page */
export function authorise(caller: Caller | null, role: Role, { changes, headers }: { changes: boolean; headers: Headers }): Caller {
  if (!caller) throw new AppError("UNAUTHENTICATED", "Sign in, or send a token", { hint: "Tokens are made under Settings → Tokens." });
  if (changes) refuseOtherSites(caller, headers);
  if (roleRank[caller.role] < roleRank[role])
    throw new AppError("FORBIDDEN", `This needs the role ${role}; yours is ${caller.role}`, { hint: "Ask an admin." });
  return caller;
}

/** Another site may send a browser here with its cookie; a change must come from our own pages. */
function refuseOtherSites(caller: Caller, headers: Headers): void {
  if (caller.via !== "session") return;
  const origin = headers.get("origin") ?? "";
  const { OCTET_ORIGIN } = env();
  const hosts = [headers.get("x-forwarded-host"), headers.get("host"), OCTET_ORIGIN ? new URL(OCTET_ORIGIN).host : null];
  if (!URL.canParse(origin) || !hosts.includes(new URL(origin).host))
    throw new AppError("FORBIDDEN", "This change came from another site's page", {
      hint: "Behind a proxy, set OCTET_ORIGIN to the address in the browser.",
    });
}

export async function isWorker(db: Database, headers: Headers): Promise<boolean> {
  const bearer = bearerOf(headers);
  return bearer !== undefined && (await verifyToken(db, bearer, "worker")) !== null;
}

/** What is said where an error means that the database is away; null for every other error. */
export function databaseAway(error: unknown): AppError | null {
  if (!isDatabaseUnavailable(error)) return null;
  return new AppError("DATABASE_UNAVAILABLE", "The database cannot be reached now", {
    hint: "It is tried again by itself; try once more in a moment.",
    cause: error,
  });
}
