import { createServer, type Server, type Socket } from "node:net";
import type { Logger } from "@octet/media/logger";
import { AppError } from "@octet/shared/errors";
import { LoopedClip } from "./looped-clip.ts";
import type { Credentials } from "./rtsp-auth.ts";
import { RtspConnection } from "./rtsp-connection.ts";
import type { ServedStream } from "./rtsp-player.ts";

export interface RtspServerOptions {
  /** 0 or absent: a free one. */
  port?: number;
  /** H.264 files, each looped for ever under its name. */
  streams: {
    name: string;
    file: string /** How far into its loop it is at the start, ms: cameras are not in step. Default 0. */;
    startMs?: number;
  }[];
  /** Asked of every client (Digest or Basic); absent: open. */
  credentials?: Credentials;
  logger?: Logger;
}

/**
 * Plays clips as RTSP cameras, for the demo and for tests. Listens on 127.0.0.1 only, runs inside this process
 * and needs no other program: what dies with the process leaves nothing behind.
 */
export class RtspServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets: Set<Socket>;
  readonly #streams: ReadonlyMap<string, ServedStream>;
  readonly #port: number;

  private constructor(server: Server, sockets: Set<Socket>, streams: ReadonlyMap<string, ServedStream>, port: number) {
    this.#server = server;
    this.#sockets = sockets;
    this.#streams = streams;
    this.#port = port;
  }

  /** @throws AppError BAD_INPUT for a file that is not H.264, CONFLICT where the port is taken */
  static async start(options: RtspServerOptions): Promise<RtspServer> {
    const streams = new Map<string, ServedStream>();
    const clips = new Map<string, LoopedClip>();
    for (const { name, file, startMs = 0 } of options.streams) {
      const clip = clips.get(file) ?? (await LoopedClip.load(file));
      clips.set(file, clip);
      streams.set(name, { name, clip, startedAt: performance.now() - startMs, stalled: false });
    }
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      new RtspConnection(socket, streams, options.credentials);
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", (cause) =>
        reject(new AppError("CONFLICT", `Port ${options.port} cannot be used for RTSP`, { hint: "Choose another port", cause })),
      );
      server.listen(options.port ?? 0, "127.0.0.1", resolve);
    });
    const address = server.address();
    const port = typeof address === "object" && address ? address.port : 0;
    options.logger?.info({ port, streams: [...streams.keys()] }, "The demo's RTSP server is up");
    return new RtspServer(server, sockets, streams, port);
  }

  get port(): number {
    return this.#port;
  }

  /** Clients that are connected now. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** Without a password, also where one is asked for. */
  url(name: string): string {
    return `rtsp://127.0.0.1:${this.#port}/${encodeURIComponent(name)}`;
  }

  /** For tests: the stream falls silent while its connections stand. */
  setStalled(name: string, stalled: boolean): void {
    const stream = this.#streams.get(name);
    if (!stream) throw new AppError("NOT_FOUND", `There is no stream ${name}`);
    stream.stalled = stalled;
  }

  /** Resets every connection and frees the port, as a camera that loses its power. */
  async kill(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.resetAndDestroy();
    await closed;
  }

  /** Ends every connection and frees the port. */
  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
