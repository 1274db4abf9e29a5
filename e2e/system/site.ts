import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { createDatabase, type Database } from "@octet/db/client";
import { type ArtifactRef, artifactRefSchema } from "@octet/shared/domain/artifact";
import type { Camera, CameraInput, CameraStatus } from "@octet/shared/domain/camera";
import { NodeProcess } from "@octet/testing/node-process";
import { TestPostgres } from "@octet/testing/postgres";
import { waitFor } from "@octet/testing/wait-for";
import { createTRPCUntypedClient, httpLink } from "@trpc/client";

const root = fileURLToPath(new URL("../../", import.meta.url));
/** An admin's token of the API. */
export const cliToken = "octet_test_cli_token_0123456789";
const workerToken = "octet_test_worker_token_0123456789";

/** A TCP port of this host that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

/** Value of one series in Prometheus's text; 0 where it is absent. */
export function seriesValue(text: string, series: string): number {
  const line = text.split("\n").find((candidate) => candidate.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1) ?? 0);
}

/** A whole Octet in processes of its own: Postgres, web with gateway, any number of workers. */
export class Site implements AsyncDisposable {
  readonly home: string;
  readonly postgres: TestPostgres;
  readonly db: Database;
  readonly url: string;
  readonly port: number;
  readonly workers = new Map<string, NodeProcess>();
  private web: NodeProcess | null = null;
  private readonly client: ReturnType<typeof createTRPCUntypedClient>;

  private constructor(home: string, postgres: TestPostgres, port: number) {
    this.home = home;
    this.postgres = postgres;
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.db = createDatabase(postgres.url, { connections: 2 });
    this.client = createTRPCUntypedClient({
      links: [httpLink({ url: `${this.url}/api/trpc`, headers: { authorization: `Bearer ${cliToken}` } })],
    });
  }

  static async start(): Promise<Site> {
    const home = mkdtempSync(path.join(os.tmpdir(), "octet-site-"));
    mkdirSync(path.join(home, "media"), { recursive: true });
    const site = new Site(home, await TestPostgres.start(), await freePort());
    try {
      await site.startWeb();
    } catch (error) {
      // Its database would outlive the tests.
      await site[Symbol.asyncDispose]();
      throw error;
    }
    return site;
  }

  async startWeb(): Promise<void> {
    this.web = new NodeProcess(path.join(root, "apps/web/server.ts"), {
      NODE_ENV: "production",
      DATABASE_URL: this.postgres.url,
      OCTET_HOME: this.home,
      PORT: String(this.port),
      HOST: "127.0.0.1",
      OCTET_CLI_TOKEN: cliToken,
      OCTET_WORKER_TOKEN: workerToken,
      LOG_LEVEL: "warn",
    });
    await this.web.ready();
  }

  async endWeb(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    await this.web?.end(signal);
    this.web = null;
  }

  async addWorker(name: string, env: Record<string, string> = {}): Promise<NodeProcess> {
    const home = path.join(this.home, name);
    mkdirSync(home, { recursive: true });
    const worker = new NodeProcess(path.join(root, "apps/worker/src/main.ts"), {
      NODE_ENV: "production",
      OCTET_URL: this.url,
      OCTET_WORKER_TOKEN: workerToken,
      OCTET_WORKER_NAME: name,
      OCTET_WORKER_ID: name,
      OCTET_HOME: home,
      OCTET_INFER_THREADS: "1",
      OCTET_MEDIA_THREADS: "1",
      UV_THREADPOOL_SIZE: "16",
      LOG_LEVEL: "info",
      ...env,
    });
    this.workers.set(name, worker);
    await worker.ready();
    await waitFor(`${name} to join`, async () =>
      (await this.query<{ id: string; online: boolean }[]>("workers.list")).some((other) => other.id === name && other.online),
    );
    return worker;
  }

  async endWorker(name: string, signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    const worker = this.workers.get(name);
    this.workers.delete(name);
    return (await worker?.end(signal)) ?? null;
  }

  async query<T>(procedure: string, input?: unknown): Promise<T> {
    return (await this.client.query(procedure, input)) as T;
  }

  async mutate<T>(procedure: string, input?: unknown): Promise<T> {
    return (await this.client.mutation(procedure, input)) as T;
  }

  /** Puts a file into the artifact store. */
  async upload(bytes: Uint8Array): Promise<ArtifactRef> {
    const answer = await fetch(`${this.url}/api/artifacts`, {
      method: "POST",
      headers: { authorization: `Bearer ${cliToken}`, "content-type": "application/octet-stream" },
      body: Buffer.from(bytes),
    });
    return artifactRefSchema.parse(await answer.json());
  }

  addCamera(input: CameraInput): Promise<Camera> {
    return this.mutate<Camera>("cameras.create", input);
  }

  async camera(id: string): Promise<Camera & { status: CameraStatus | null }> {
    return this.query("cameras.get", { id });
  }

  async state(id: string): Promise<string | undefined> {
    return (await this.camera(id)).status?.state;
  }

  /** Value of one Prometheus series; 0 where it is absent. */
  async metric(series: string): Promise<number> {
    return seriesValue(await (await fetch(`${this.url}/metrics`)).text(), series);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.workers.keys()].map((name) => this.endWorker(name)));
    await this.endWeb();
    await this.db.$disconnect();
    await this.postgres[Symbol.asyncDispose]();
    rmSync(this.home, { recursive: true, force: true });
  }
}
