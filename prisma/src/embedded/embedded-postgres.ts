import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, chown, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isRunning } from "@octet/shared/running-process";
import { Client } from "pg";
import { binariesFor } from "./binaries.ts";
import { firstWritable, reachableBy, type UnixUser, unprivilegedUser } from "./unix-user.ts";

export interface EmbeddedPostgresOptions {
  /** Folder that holds the cluster, its password and its port (created if missing). */
  home: string;
  database?: string;
  /** Sees each line that initdb and the server print. */
  onLog?: (line: string) => void;
  /** `postgres -c` settings. */
  settings?: Record<string, string>;
}

const READY_WITHIN_MS = 60_000;

/**
 * A real PostgreSQL from npm, kept under `home`, listening on loopback only. It recovers from a server that was
 * killed, from one that outlived its parent, and works for root (as an unprivileged user, in a folder that user can reach).
 */
export class EmbeddedPostgres implements AsyncDisposable {
  readonly url: string;
  readonly port: number;
  private child: ChildProcess;
  private readonly exited: Promise<void>;

  private constructor(child: ChildProcess, port: number, url: string) {
    this.child = child;
    this.port = port;
    this.url = url;
    this.exited = new Promise((resolve) => child.once("exit", () => resolve()));
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Resolves when the server has ended, for whatever reason. */
  get ended(): Promise<void> {
    return this.exited;
  }

  static async start(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
    const home = path.resolve(options.home);
    await mkdir(home, { recursive: true, mode: 0o755 });
    const user = unprivilegedUser();
    const { data, binaries } = await placesFor(home, user);
    const password = await secretFile(path.join(home, "password"));
    const log = options.onLog ?? (() => {});
    const run = { user, binaries, log };

    if (!existsSync(path.join(data, "PG_VERSION"))) await initialise(data, password, run);
    await stopLeftover(data);
    const port = await choosePort(path.join(home, "port"));
    const child = await launch(data, port, options.settings ?? {}, run);
    const database = options.database ?? "octet";
    const address = `postgresql://octet:${encodeURIComponent(password)}@127.0.0.1:${port}`;
    await ensureDatabase(`${address}/postgres`, database);
    return new EmbeddedPostgres(child, port, `${address}/${database}`);
  }

  /** Fast shutdown: sessions are ended, everything is written. */
  async stop(): Promise<void> {
    this.child.ref();
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill("SIGINT");
      const late = setTimeout(() => this.child.kill("SIGQUIT"), 20_000);
      await this.exited;
      clearTimeout(late);
    }
  }

  /** Ends it as a crash would. For tests. */
  async crash(): Promise<void> {
    this.child.ref();
    this.child.kill("SIGQUIT");
    await this.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

interface Run {
  user: UnixUser | null;
  binaries: string;
  log: (line: string) => void;
}

const identity = (user: UnixUser | null): { uid?: number; gid?: number } => (user ? { uid: user.uid, gid: user.gid } : {});

async function placesFor(home: string, user: UnixUser | null): Promise<{ data: string; binaries: string }> {
  const fallback = user ? path.join(firstWritable(["/var/lib", "/var/tmp", "/tmp"]), "octet") : home;
  if (user) {
    await mkdir(fallback, { recursive: true });
    await chmod(fallback, 0o755);
  }
  const binaries = await binariesFor(user, fallback);
  if (!user || reachableBy(home, user)) return { data: path.join(home, "data"), binaries };
  // The folder belongs to this home by a random name, so that a deleted home never finds an old database again.
  const note = path.join(home, "location");
  const known = await readFile(note, "utf8").catch(() => null);
  const data = known?.trim() || path.join(fallback, randomUUID());
  if (!known) await writeFile(note, `${data}\n`);
  return { data, binaries };
}

async function secretFile(file: string): Promise<string> {
  const known = await readFile(file, "utf8").catch(() => null);
  if (known) return known.trim();
  const secret = randomBytes(24).toString("base64url");
  await writeFile(file, secret, { mode: 0o600 });
  return secret;
}

async function initialise(data: string, password: string, { user, binaries, log }: Run): Promise<void> {
  // A folder without PG_VERSION is an initdb that was cut off: nothing in it is worth keeping.
  await rm(data, { recursive: true, force: true });
  await mkdir(data, { recursive: true, mode: 0o700 });
  const passwordFile = `${data}.password`;
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user) {
    await chown(data, user.uid, user.gid);
    await chown(passwordFile, user.uid, user.gid);
  }
  const args = [
    `--pgdata=${data}`,
    "--auth=scram-sha-256",
    "--username=octet",
    `--pwfile=${passwordFile}`,
    "--encoding=UTF8",
    "--locale=C",
    "--no-instructions",
  ];
  const child = spawn(path.join(binaries, "bin", "initdb"), args, { ...identity(user), cwd: "/", stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      log(chunk.toString());
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  await rm(passwordFile, { force: true });
  if (code !== 0) {
    await rm(data, { recursive: true, force: true });
    throw new Error(`PostgreSQL could not initialise ${data} (exit ${code}): ${output.trim().split("\n").slice(-4).join(" ")}`);
  }
}

/** A server whose parent was killed goes on: end it, since its log and lifetime are nobody's. */
async function stopLeftover(data: string): Promise<void> {
  const text = await readFile(path.join(data, "postmaster.pid"), "utf8").catch(() => null);
  const pid = Number(text?.split("\n")[0]);
  if (!pid) return;
  const runs = (): boolean => isRunning(pid, "postgres");
  if (!runs()) return;
  try {
    process.kill(pid, "SIGINT");
  } catch {
    // It ended just now, or it is another user's: the new server says so, should it be in the way.
    return;
  }
  for (let waited = 0; waited < 15_000 && runs(); waited += 50) await delay(50);
}

/** The port of last time if it is free (so that clients find a restarted server), else any. */
async function choosePort(file: string): Promise<number> {
  const known = Number(await readFile(file, "utf8").catch(() => "0"));
  const port = (known > 0 && (await tryPort(known))) || (await tryPort(0));
  if (!port) throw new Error("No free TCP port on 127.0.0.1");
  await writeFile(file, String(port));
  return port;
}

function tryPort(port: number): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(0));
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

async function launch(data: string, port: number, settings: Record<string, string>, { user, binaries, log }: Run): Promise<ChildProcess> {
  const all = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: "100",
    timezone: "UTC",
    log_timezone: "UTC",
    ...settings,
  };
  const args = ["-D", data, "-p", String(port), ...Object.entries(all).flatMap(([key, value]) => ["-c", `${key}=${value}`])];
  // Its own process group: a Ctrl-C at the terminal must not end the database before those who still write to it.
  const child = spawn(path.join(binaries, "bin", "postgres"), args, {
    ...identity(user),
    cwd: "/",
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let tail = "";
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(
      () => reject(new Error(`PostgreSQL was not ready within ${READY_WITHIN_MS / 1000} s: ${tail}`)),
      READY_WITHIN_MS,
    );
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`PostgreSQL ended at once (exit ${code}): ${tail}`)));
    child.stderr.on("data", (chunk: Buffer) => {
      const text = chunk.toString();
      tail = (tail + text).slice(-2000);
      log(text);
      if (text.includes("ready to accept connections")) {
        clearTimeout(late);
        resolve();
      }
    });
  });
  child.removeAllListeners("exit");
  child.unref();
  return child;
}

async function ensureDatabase(url: string, name: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const found = await client.query("select 1 from pg_database where datname = $1", [name]);
    if (found.rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}
