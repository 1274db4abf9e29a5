import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { connect, createServer } from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export interface RtspServerOptions {
  /** 0 or absent: any free port. */
  port?: number;
  streams: { name: string; file: string }[];
}

const READY_WITHIN_MS = 10_000;

/**
 * Ends the server when our end of its standard input closes: when we say so, and also when we are killed.
 * $1: go2rtc, $2: its config.
 */
const guard = `"$1" -config "$2" </dev/null & child=$!
exec 3<&0
(cat <&3 >/dev/null; kill "$child" 2>/dev/null) &
wait "$child"`;

function binary(): string | null {
  const name = `@camera.ui/go2rtc-${os.platform()}-${os.arch()}`;
  for (const folder of createRequire(import.meta.url).resolve.paths(name) ?? []) {
    const file = path.join(folder, name, "go2rtc");
    if (existsSync(file)) return file;
  }
  return null;
}

/** A real RTSP server (go2rtc) on loopback that plays files for ever. */
export class RtspServer implements AsyncDisposable {
  readonly port: number;
  private readonly folder: string;
  private readonly child: ChildProcess;
  private readonly exited: Promise<void>;

  private constructor(port: number, folder: string, child: ChildProcess) {
    this.port = port;
    this.folder = folder;
    this.child = child;
    this.exited = new Promise((resolve) => {
      child.once("exit", () => {
        child.stdin?.end();
        resolve();
      });
    });
  }

  /** False where npm has no go2rtc for this platform. */
  static available(): boolean {
    return os.platform() !== "win32" && binary() !== null;
  }

  /** @throws Error where there is no server for this platform, or the port is taken */
  static async start(options: RtspServerOptions): Promise<RtspServer> {
    const program = binary();
    if (!program) throw new Error(`There is no RTSP server for ${os.platform()}-${os.arch()}`);
    const port = await freePort(options.port ?? 0);
    const folder = mkdtempSync(path.join(os.tmpdir(), "octet-rtsp-"));
    const config = path.join(folder, "go2rtc.json");
    const publisher = fileURLToPath(new URL("./rtsp-publisher.mjs", import.meta.url));
    const quote = (text: string): string => `"${text}"`;
    // go2rtc reads YAML, of which JSON is a part. An empty address switches a listener off.
    const streams = Object.fromEntries(options.streams.map(({ name, file }) => [name, `exec:${quote(process.execPath)} ${quote(publisher)} ${quote(path.resolve(file))} {output}`]));
    writeFileSync(config, JSON.stringify({ api: { listen: "" }, webrtc: { listen: "" }, srtp: { listen: "" }, rtsp: { listen: `127.0.0.1:${port}` }, log: { level: "warn" }, streams }));
    const child = spawn("/bin/sh", ["-c", guard, "sh", program, config], { stdio: ["pipe", "ignore", "ignore"], detached: true });
    const server = new RtspServer(port, folder, child);
    try {
      await server.ready();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  url(name: string): string {
    return `rtsp://127.0.0.1:${this.port}/${name}`;
  }

  async stop(): Promise<void> {
    this.child.stdin?.end();
    await this.exited;
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Ends it without a word to its clients. */
  async kill(): Promise<void> {
    if (this.child.pid) process.kill(-this.child.pid, "SIGKILL");
    await this.exited;
    rmSync(this.folder, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  private async ready(): Promise<void> {
    const until = Date.now() + READY_WITHIN_MS;
    while (this.child.exitCode === null && Date.now() < until) {
      if (await answers(this.port)) return;
      await delay(30);
    }
    throw new Error(`The RTSP server did not start on port ${this.port}`);
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

function freePort(wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(wanted, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : wanted));
    });
  });
}
