import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { growConnectTimeout } from "@octet/shared/protocol/connect-timeout";
import { socketParser } from "@octet/shared/protocol/parser";
import type { Logger } from "pino";
import type { Server, Socket as ServerSocket } from "socket.io";
import { type Socket as ClientSocket, io as dial } from "socket.io-client";
import { Peer, type PeerSocket } from "./peer.ts";
import { REPLICA_PROTOCOL } from "./replica-events.ts";
import type { Replicas } from "./replicas.ts";

const REPLICA_NAMESPACE = "/replica";
/** One that has not announced itself for so long, and cannot be reached, is gone. */
const FORGET_MS = 10_000;
/** Clocks of two hosts may differ by so much. */
const FRESH_MS = 120_000;

export interface MeshOptions {
  io: Server;
  replicas: Replicas;
  /** Where the others reach this process. */
  url: string;
  /** All replicas of an installation have the same. */
  key: Buffer;
  logger: Logger;
  onLeft?(): void;
}

interface Dialled {
  socket: ClientSocket;
  heardAt: number;
}

/** One connection to each other replica: of two, the one whose id is greater calls. */
export class PeerMesh {
  readonly id = randomUUID();
  private readonly options: MeshOptions;
  private readonly dialled = new Map<string, Dialled>();
  private closed = false;

  constructor(options: MeshOptions) {
    this.options = options;
    const space = options.io.of(REPLICA_NAMESPACE);
    space.use((socket, next) => next(this.proven(socket) ? undefined : new Error("not a replica of this installation")));
    space.on("connection", (socket) => this.connected(String(socket.handshake.auth["id"]), socket));
  }

  /** What the others are to hear of this process. */
  get announcement(): string {
    return JSON.stringify({ id: this.id, url: this.options.url, protocol: REPLICA_PROTOCOL });
  }

  /** Another process has announced itself (or this one has). */
  heard(text: string): void {
    const other = announced(text);
    if (!other || other.id === this.id || this.closed) return;
    const now = Date.now();
    for (const [id, { heardAt, socket }] of this.dialled)
      if (id !== other.id && now - heardAt > FORGET_MS && !socket.connected) {
        socket.disconnect();
        this.dialled.delete(id);
      }
    const before = this.dialled.get(other.id);
    if (before) before.heardAt = now;
    else if (this.id > other.id) this.dial(other, now);
  }

  close(): void {
    this.closed = true;
    for (const { socket } of this.dialled.values()) socket.disconnect();
    this.dialled.clear();
  }

  private dial({ id, url, protocol }: { id: string; url: string; protocol: number }, now: number): void {
    const { logger } = this.options;
    if (protocol !== REPLICA_PROTOCOL)
      logger.warn({ url, protocol }, "another web process is of another version: they do not work together");
    const socket = dial(new URL(REPLICA_NAMESPACE, url).href, {
      parser: socketParser,
      transports: ["websocket"],
      forceNew: true,
      reconnectionDelay: 200,
      reconnectionDelayMax: 1000,
      autoConnect: false,
      auth: (give) => give({ id: this.id, protocol: REPLICA_PROTOCOL, ...this.proof(id, Date.now()) }),
    });
    growConnectTimeout(socket.io);
    this.dialled.set(id, { socket, heardAt: now });
    let said = false;
    socket.on("connect_error", (error) => {
      if (!said) logger.warn({ url, error: error.message }, "cannot reach another web process; trying again");
      said = true;
      // A refusal is final for socket.io.
      if (!socket.active) setTimeout(() => this.dialled.get(id)?.socket === socket && socket.connect(), 1000).unref();
    });
    socket.on("connect", () => {
      said = false;
      this.connected(id, socket);
    });
    socket.connect();
  }

  private connected(id: string, socket: ServerSocket | ClientSocket): void {
    const peer = new Peer(id, socket as PeerSocket);
    socket.once("disconnect", (reason: string) => {
      this.options.logger.info({ replica: id, reason }, "another web process left");
      peer.end();
      this.options.replicas.remove(peer);
      this.options.onLeft?.();
      // The other end closed it on purpose: socket.io does not come back from that by itself.
      if (reason === "io server disconnect" && "io" in socket)
        setTimeout(() => this.dialled.get(id)?.socket === socket && socket.connect(), 500).unref();
    });
    this.options.logger.info({ replica: id }, "another web process joined");
    this.options.replicas.add(peer);
  }

  private proof(to: string, at: number): { at: number; mac: string } {
    return { at, mac: this.mac(this.id, to, at).toString("base64url") };
  }

  private proven(socket: ServerSocket): boolean {
    const { id, at, mac, protocol } = socket.handshake.auth as Record<string, unknown>;
    if (typeof id !== "string" || typeof at !== "number" || typeof mac !== "string" || protocol !== REPLICA_PROTOCOL) return false;
    const given = Buffer.from(mac, "base64url");
    const right = this.mac(id, this.id, at);
    return Math.abs(Date.now() - at) < FRESH_MS && given.length === right.length && timingSafeEqual(given, right);
  }

  private mac(from: string, to: string, at: number): Buffer {
    return createHmac("sha256", this.options.key).update(`${from} ${to} ${at}`).digest();
  }
}

function announced(text: string): { id: string; url: string; protocol: number } | null {
  try {
    const { id, url, protocol } = JSON.parse(text) as Record<string, unknown>;
    return typeof id === "string" && typeof url === "string" && URL.canParse(url) && typeof protocol === "number"
      ? { id, url, protocol }
      : null;
  } catch {
    return null;
  }
}
