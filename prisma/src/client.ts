import { Socket } from "node:net";
import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { Prisma, PrismaClient } from "../generated/client.ts";

export type Database = PrismaClient;
/** What a callback of `$transaction` gets. */
export type Transaction = Prisma.TransactionClient;
/** A column of JSON that holds nothing: SQL's NULL, not JSON's. */
export const DbNull = Prisma.DbNull;

/** A query that is answered at all is answered by then; one of a host that is gone would wait for a quarter of an hour, by TCP's rules. */
const SILENT_MS = 30_000;

export interface DatabaseOptions {
  /** At most so many. Default 10. */
  connections?: number;
  /** A connection on which nothing has come or gone for so long is given up, with its query, ms. */
  silentMs?: number;
}

/** A Prisma client on `url` with its own pool of connections. Call `$disconnect()` when done. */
export function createDatabase(url: string, { connections = 10, silentMs = SILENT_MS }: DatabaseOptions = {}): Database {
  // Prisma's adapter reads every timestamp as UTC, whatever offset Postgres prints: sessions must be in UTC too.
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: 5000,
    options: "-c TimeZone=UTC",
    stream: () => impatientSocket(silentMs),
  });
  // A connection that is lost while nobody uses it is replaced with the next query.
  pool.on("error", () => {});
  // Else each error reads the source of its call, and its message, which goes to logs, shows it.
  const db = new PrismaClient({ adapter: new PrismaPg(pool, { disposeExternalPool: true }), errorFormat: "minimal" });
  pools.set(db, pool);
  return db;
}

function impatientSocket(silentMs: number): Socket {
  const socket = new Socket();
  return socket.setTimeout(silentMs, () => {
    socket.destroy(Object.assign(new Error(`PostgreSQL has said nothing for ${silentMs / 1000} s`), { code: "ETIMEDOUT" }));
  });
}

const pools = new WeakMap<Database, pg.Pool>();

/**
 * A statement on the client's own connections, not by way of Prisma: for the few with thousands of values, which that copies
 * several times. It is prepared once a connection, by its name.
 */
export async function runPrepared<Row extends object>(
  db: Database,
  statement: { name: string; text: string; values: unknown[] },
): Promise<{ rows: Row[]; count: number }> {
  const pool = pools.get(db);
  if (!pool) throw new Error("not made by createDatabase");
  const { rows, rowCount } = await pool.query<Row>(statement);
  return { rows, count: rowCount ?? 0 };
}

/** True where an error means that Postgres could not be reached or went away, so that trying again later is right. */
export function isDatabaseUnavailable(error: unknown): boolean {
  for (let current: unknown = error, depth = 0; current instanceof Error && depth < 6; current = current.cause, depth++) {
    const code = String((current as { code?: unknown }).code ?? "");
    // 08*: connection exceptions · 57P0*: shut down, crash, starting up · 53300: too many connections · P1*: Prisma's connection errors
    if (
      /^(08|57P0|53300)/.test(code) ||
      /^P(1001|1002|1008|1017|2024)$/.test(code) ||
      /^E(CONNREFUSED|CONNRESET|PIPE|TIMEDOUT|NOENT)$/.test(code)
    )
      return true;
    if (
      /terminating connection|Connection terminated|timeout exceeded when trying to connect|not accepting connections|ECONNREFUSED|connect ENOENT|Can't reach database/i.test(
        current.message,
      )
    )
      return true;
    const meta = (current as { meta?: { driverAdapterError?: unknown } }).meta?.driverAdapterError;
    if (meta instanceof Error && isDatabaseUnavailable(meta)) return true;
  }
  return false;
}
