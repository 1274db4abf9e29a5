import pg from "pg";

/** One connection that stands for a process: what it says, hears and holds goes with it. */
export interface ReplicaChannel {
  /** Tells every process that listens, this one too. At most 7,900 bytes. Rejects where Postgres does not answer. */
  announce(text: string): Promise<void>;
  /** Whether this connection holds the lock now. Ask no more once it does. */
  tryLock(): Promise<boolean>;
  close(): Promise<void>;
}

export interface ChannelEvents {
  heard(text: string): void;
  /** The connection is gone, and the lock with it. */
  lost(): void;
}

const CHANNEL = "octet_replicas";
/** "octet" and the purpose, as the two numbers of an advisory lock. */
const LOCK = [0x6f637465, 1] as const;

/**
 * Opens the connection. It must reach Postgres itself, or a pool by session: one by transaction (PgBouncer) would give the
 * lock to anybody. Postgres notices a host that fell silent within about 5 s, where it is reached over TCP.
 */
export async function openReplicaChannel(databaseUrl: string, events: ChannelEvents): Promise<ReplicaChannel> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: "octet-replica",
    connectionTimeoutMillis: 5000,
    query_timeout: 2000,
    keepAlive: true,
    options: "-c tcp_keepalives_idle=2 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=3 -c tcp_user_timeout=5000",
  });
  let over = false;
  const lost = (): void => {
    if (over) return;
    over = true;
    events.lost();
  };
  client.on("error", lost);
  client.on("end", lost);
  client.on("notification", ({ payload }) => events.heard(payload ?? ""));
  try {
    await client.connect();
    await client.query(`LISTEN ${CHANNEL}`);
  } catch (error) {
    over = true;
    void client.end().catch(() => {});
    throw error;
  }
  return {
    announce: async (text) => {
      await client.query("SELECT pg_notify($1, $2)", [CHANNEL, text]);
    },
    tryLock: async () => {
      const { rows } = await client.query<{ held: boolean }>("SELECT pg_try_advisory_lock($1, $2) AS held", [...LOCK]);
      return rows[0]?.held === true;
    },
    close: async () => {
      over = true;
      // One that does not answer would not say goodbye either.
      await Promise.race([client.end(), new Promise((resolve) => setTimeout(resolve, 1000).unref())]).catch(() => {});
    },
  };
}
