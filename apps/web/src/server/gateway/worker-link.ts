import type { AckOf, PayloadOf } from "@octet/shared/protocol/catalogue";
import { askEvent, sendEvent } from "@octet/shared/protocol/typed-socket";
import { type GatewayToWorker, gatewayToWorker } from "@octet/shared/protocol/worker-protocol";
import type { Socket } from "socket.io";
import type { Peer } from "../replicas/peer.ts";
import { unlessLost } from "../replicas/unless-lost.ts";

type Event = keyof GatewayToWorker & string;

/** The way to a worker, wherever it is connected. */
export interface WorkerLink {
  /** Whether it is connected to this process. */
  readonly here: boolean;
  readonly connected: boolean;
  /** Rejects where it does not answer in time, and as soon as it has left. */
  ask<E extends Event>(event: E, payload: PayloadOf<GatewayToWorker, E>, timeoutMs: number): Promise<AckOf<GatewayToWorker, E>>;
  send<E extends Event>(event: E, payload: PayloadOf<GatewayToWorker, E>): void;
  disconnect(): void;
}

export class LocalWorkerLink implements WorkerLink {
  readonly here = true;
  readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  get connected(): boolean {
    return this.socket.connected;
  }

  ask<E extends Event>(event: E, payload: PayloadOf<GatewayToWorker, E>, timeoutMs: number): Promise<AckOf<GatewayToWorker, E>> {
    return unlessLost(this.socket, askEvent(this.socket, gatewayToWorker, event, payload, timeoutMs));
  }

  send<E extends Event>(event: E, payload: PayloadOf<GatewayToWorker, E>): void {
    sendEvent(this.socket, gatewayToWorker, event, payload);
  }

  disconnect(): void {
    this.socket.disconnect(true);
  }
}

/** Longer than the worker is given, so that its own replica says what is wrong. */
const HOP_MS = 1000;

export class RemoteWorkerLink implements WorkerLink {
  readonly here = false;
  readonly peer: Peer;
  private readonly workerId: string;

  constructor(peer: Peer, workerId: string) {
    this.peer = peer;
    this.workerId = workerId;
  }

  get connected(): boolean {
    return this.peer.connected;
  }

  async ask<E extends Event>(event: E, payload: PayloadOf<GatewayToWorker, E>, timeoutMs: number): Promise<AckOf<GatewayToWorker, E>> {
    const question = { workerId: this.workerId, event, payload, timeoutMs };
    return (await this.peer.ask("askWorker", question, timeoutMs + HOP_MS)) as AckOf<GatewayToWorker, E>;
  }

  send<E extends Event>(event: E, payload: PayloadOf<GatewayToWorker, E>): void {
    this.peer.send("toWorker", { workerId: this.workerId, event, payload });
  }

  disconnect(): void {
    this.peer.send("dropWorker", { workerId: this.workerId });
  }
}
