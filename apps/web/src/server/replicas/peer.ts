import { AppError } from "@octet/shared/errors";
import type { Answer, ReplicaEvents, ReplicaQuestions } from "./replica-events.ts";
import { unlessLost } from "./unless-lost.ts";

// biome-ignore lint/suspicious/noExplicitAny: listeners of socket.io's two ends differ
type Listener = (...args: any[]) => void;

/** The part of a socket, of either end, that is used here. */
export interface PeerSocket {
  readonly connected: boolean;
  on(event: string, listener: Listener): unknown;
  once(event: string, listener: Listener): unknown;
  off(event: string, listener: Listener): unknown;
  emit(event: string, payload: unknown): unknown;
  timeout(ms: number): { emit(event: string, ...args: unknown[]): unknown };
}

/** Another replica, while it is connected. It runs the same code and has proven to have the same secret: nothing is parsed. */
export class Peer {
  readonly id: string;
  leads = false;
  private readonly socket: PeerSocket;
  private readonly listeners: [string, Listener][] = [];

  constructor(id: string, socket: PeerSocket) {
    this.id = id;
    this.socket = socket;
  }

  get connected(): boolean {
    return this.socket.connected;
  }

  send<E extends keyof ReplicaEvents>(event: E, payload: ReplicaEvents[E]): void {
    if (this.socket.connected) this.socket.emit(event, payload);
  }

  on<E extends keyof ReplicaEvents>(event: E, handler: (payload: ReplicaEvents[E]) => void): void {
    this.listen(event, handler);
  }

  /** @throws AppError: as the other end did, or WORKER_UNAVAILABLE where it is gone or silent */
  async ask<Q extends keyof ReplicaQuestions>(question: Q, payload: ReplicaQuestions[Q], timeoutMs: number): Promise<unknown> {
    const answered = new Promise<Answer>((resolve, reject) => {
      this.socket.timeout(timeoutMs).emit(question, payload, (error: Error | null, answer: Answer) => {
        if (error) reject(new AppError("WORKER_UNAVAILABLE", `No answer from another web process within ${timeoutMs} ms`));
        else resolve(answer);
      });
    });
    const answer = await unlessLost(this.socket, answered);
    if (!answer.ok) throw AppError.fromInfo(answer.error);
    return answer.value;
  }

  onAsked<Q extends keyof ReplicaQuestions>(question: Q, handler: (payload: ReplicaQuestions[Q]) => Promise<unknown>): void {
    this.listen(question, (payload: ReplicaQuestions[Q], reply: (answer: Answer) => void) => {
      handler(payload).then(
        (value) => reply({ ok: true, value }),
        (cause: unknown) => reply({ ok: false, error: AppError.from(cause).toInfo() }),
      );
    });
  }

  /** A caller's socket is used again when it is back: what listened is of the old connection. */
  end(): void {
    for (const [event, listener] of this.listeners) this.socket.off(event, listener);
  }

  private listen(event: string, listener: Listener): void {
    this.listeners.push([event, listener]);
    this.socket.on(event, listener);
  }
}
