import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { EmbeddedPostgres } from "@octet/db/embedded/embedded-postgres";
import { applyMigrations } from "@octet/db/migrate/migrations";

/** Folder of one that is migrated and stopped: see postgres-template.ts. */
export const TEMPLATE_VARIABLE = "OCTET_TEST_POSTGRES";

/** A real, empty, migrated PostgreSQL in a folder of its own. */
export class TestPostgres implements AsyncDisposable {
  private readonly home: string;
  private server: EmbeddedPostgres;

  private constructor(home: string, server: EmbeddedPostgres) {
    this.home = home;
    this.server = server;
  }

  static async start(): Promise<TestPostgres> {
    const home = mkdtempSync(path.join(os.tmpdir(), "octet-pg-"));
    // As root the server runs as another user, who must be able to enter; else its data would go elsewhere and stay.
    chmodSync(home, 0o755);
    const template = process.env[TEMPLATE_VARIABLE];
    if (template) await promisify(execFile)("cp", ["-a", `${template}/.`, home]);
    // Tests crash it on purpose but never the machine: what is not synced is still written.
    const server = await EmbeddedPostgres.start({ home, settings: { fsync: "off" } });
    if (!template) await applyMigrations(server.url);
    return new TestPostgres(home, server);
  }

  get url(): string {
    return this.server.url;
  }

  /** Ends it as a crash would; `restart` brings it back on the same port. */
  async crash(): Promise<void> {
    await this.server.crash();
  }

  async restart(): Promise<void> {
    this.server = await EmbeddedPostgres.start({ home: this.home, settings: { fsync: "off" } });
  }

  /** Stops it and leaves its folder, which is the caller's from now on. */
  async stopAndKeep(): Promise<string> {
    await this.server.stop();
    return this.home;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop();
    rmSync(this.home, { recursive: true, force: true });
  }
}
