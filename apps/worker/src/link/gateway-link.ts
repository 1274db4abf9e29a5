import type { CameraStatus } from "@octet/shared/domain/camera";
import type { DetectionRecord } from "@octet/shared/domain/detection";
import type { ShadowExample } from "@octet/shared/domain/shadow";
import { AppError } from "@octet/shared/errors";
import { type PayloadOf, PROTOCOL_VERSION } from "@octet/shared/protocol/catalogue";
import { growConnectTimeout } from "@octet/shared/protocol/connect-timeout";
import { type LiveFrame, MOST_FRAMES, type PackedFrame, packFrame } from "@octet/shared/protocol/live-frame";
import { socketParser } from "@octet/shared/protocol/parser";
import { askEvent, onEvent, sendEvent } from "@octet/shared/protocol/typed-socket";
import {
  type GatewayToWorker,
  gatewayToWorker,
  type VideoChunk,
  WORKER_NAMESPACE,
  type WorkerToGateway,
  workerToGateway,
} from "@octet/shared/protocol/worker-protocol";
import type { Logger } from "pino";
import { io, type Socket } from "socket.io-client";
import { SiteClock } from "./site-clock.ts";
import type { Spool } from "./spool.ts";

export interface GatewayLinkOptions {
  url: string;
  token: string;
  hello: Omit<PayloadOf<WorkerToGateway, "hello">, "protocol" | "jobs">;
  /** Runs under way, and those whose outcome nobody has taken: asked at each greeting. */
  jobs(): PayloadOf<WorkerToGateway, "hello">["jobs"];
  spool: Spool<DetectionRecord>;
  logger: Logger;
  /** @returns how many cameras run */
  onAssignment(assignment: PayloadOf<GatewayToWorker, "assignment">): Promise<number>;
  onWatch(watch: PayloadOf<GatewayToWorker, "watch">): void;
  /** Rejects where it cannot be run here. @returns how many run now */
  onStartJob(job: PayloadOf<GatewayToWorker, "startJob">): Promise<number>;
  /** @returns whether it is known here */
  onCancelJob(run: PayloadOf<GatewayToWorker, "cancelJob">): boolean;
  /** These are safe in the database. */
  onAcknowledged?(records: readonly DetectionRecord[]): void;
  /** The gateway is there (again) and knows this worker. */
  onGreeted(): void;
  onProbe(
    request: PayloadOf<GatewayToWorker, "probe">,
  ): Promise<Awaited<ReturnType<typeof import("@octet/media/probe-stream").probeStream>>>;
}

const ACK_TIMEOUT_MS = 10_000;
const BATCH_RECORDS = 200;
/** Records that come within so long go together: each batch is a commit. */
const GATHER_RECORDS_MS = 100;
/** Frames for those who watch wait so long for others to go with. */
const GATHER_FRAMES_MS = 10;
/** The gateway takes messages of up to 32 MiB. */
const BATCH_BYTES = 8 << 20;
const MOST_WAITING = 64;
const RETRY_MIN_MS = 250;
const RETRY_MAX_MS = 5000;

/** The worker's one connection: greets, sends detections until each batch is acknowledged, and obeys. */
export class GatewayLink {
  private readonly options: GatewayLinkOptions;
  private readonly socket: Socket;
  private readonly clock = new SiteClock();
  private greeted = false;
  private sending = false;
  private closed = false;
  private retry: NodeJS.Timeout | null = null;
  private failures = 0;
  private gathering: NodeJS.Timeout | null = null;
  private frames: PackedFrame[] = [];
  private framesTimer: NodeJS.Timeout | null = null;

  constructor(options: GatewayLinkOptions) {
    this.options = options;
    const { logger, url, token } = options;
    this.socket = io(new URL(WORKER_NAMESPACE, url).href, {
      parser: socketParser,
      auth: { token, protocol: PROTOCOL_VERSION },
      transports: ["websocket"],
      reconnectionDelay: 500,
      reconnectionDelayMax: 5000,
      autoConnect: false,
    });
    growConnectTimeout(this.socket.io);
    this.socket.on("connect", () => void this.greet());
    this.socket.on("disconnect", (reason) => {
      this.greeted = false;
      if (this.closed) return;
      logger.warn({ reason }, "gateway is away: detections are kept on disk");
      // The server closed it on purpose: socket.io does not come back from that by itself.
      if (reason === "io server disconnect") setTimeout(() => this.socket.connect(), 1000).unref();
    });
    this.socket.on("connect_error", (error) => {
      // Of a refused handshake the gateway says more.
      logger.warn({ error: (error as { data?: object }).data ?? error.message }, "cannot join the gateway yet");
      // A refused handshake (a bad token, say) is final for socket.io; tokens can be mended while we wait.
      if (!this.socket.active && !this.closed) setTimeout(() => this.socket.connect(), RETRY_MAX_MS).unref();
    });
    const fault = (error: AppError, event: string): void => logger.error({ code: error.code, event }, error.message);
    onEvent(
      this.socket,
      gatewayToWorker,
      "assignment",
      async (assignment) => ({ ok: true as const, value: { running: await options.onAssignment(assignment) } }),
      fault,
    );
    onEvent(this.socket, gatewayToWorker, "watch", (watch) => options.onWatch(watch), fault);
    onEvent(
      this.socket,
      gatewayToWorker,
      "startJob",
      async (job) => ({ ok: true as const, value: { running: await options.onStartJob(job) } }),
      fault,
    );
    onEvent(this.socket, gatewayToWorker, "cancelJob", (run) => ({ ok: true as const, value: { known: options.onCancelJob(run) } }), fault);
    onEvent(
      this.socket,
      gatewayToWorker,
      "probe",
      async (request) => {
        try {
          return { ok: true as const, value: await options.onProbe(request) };
        } catch (error) {
          return { ok: false as const, error: AppError.from(error).toInfo() };
        }
      },
      fault,
    );
  }

  get connected(): boolean {
    return this.greeted;
  }

  connect(): void {
    this.socket.connect();
  }

  /** A time that the wall clock has just shown, as the gateway's clock has it. */
  siteTime(at: number): number {
    return at + this.clock.correction();
  }

  /** Puts a record on its way; it is sent now, or when the gateway is back. */
  publish(record: DetectionRecord): void {
    this.options.spool.append(record);
    // After a failure, the next try sends it.
    if (!this.retry) this.gather();
  }

  /**
   * Messages pile up that the connection has not taken. (socket.io's `volatile` drops whatever comes before the last message has
   * left, which of several frames in one tick is all but the first.)
   */
  private get congested(): boolean {
    return this.socket.io.engine.writeBuffer.length > MOST_WAITING;
  }

  /** For those who watch now: dropped while the link is busy or away, never queued. */
  sendFrame(frame: LiveFrame): void {
    if (!this.greeted || this.congested) return;
    this.frames.push(packFrame(frame));
    if (this.frames.length >= MOST_FRAMES) this.sendFrames();
    else this.framesTimer ??= setTimeout(() => this.sendFrames(), GATHER_FRAMES_MS);
  }

  private sendFrames(): void {
    if (this.framesTimer) clearTimeout(this.framesTimer);
    this.framesTimer = null;
    const frames = this.frames.splice(0);
    if (this.greeted && frames.length > 0) sendEvent(this.socket, workerToGateway, "frames", frames);
  }

  /** Packets depend on each other, so they are not dropped one by one; without a link, none is sent. */
  sendVideo(chunk: VideoChunk): void {
    if (this.greeted) sendEvent(this.socket, workerToGateway, "video", chunk);
  }

  sendTelemetry(telemetry: Omit<PayloadOf<WorkerToGateway, "telemetry">, "cameras" | "sentAt"> & { cameras: CameraStatus[] }): void {
    if (this.greeted && !this.congested) sendEvent(this.socket, workerToGateway, "telemetry", { ...telemetry, sentAt: Date.now() });
  }

  sendShadowExample(example: ShadowExample): void {
    if (this.greeted) sendEvent(this.socket, workerToGateway, "shadowExample", example);
  }

  sendJobProgress(payload: PayloadOf<WorkerToGateway, "jobProgress">): void {
    if (this.greeted) sendEvent(this.socket, workerToGateway, "jobProgress", payload);
  }

  /** @throws AppError where the gateway did not take it: it is to be told again */
  async endJob(payload: PayloadOf<WorkerToGateway, "jobEnded">): Promise<void> {
    const answer = await askEvent(this.socket, workerToGateway, "jobEnded", payload, ACK_TIMEOUT_MS);
    if (!answer.ok) throw AppError.fromInfo(answer.error);
  }

  /** Says that this worker is about to end, and waits until its cameras run elsewhere or cannot; for at most `ms`. */
  async leave(ms: number): Promise<void> {
    if (!this.greeted) return;
    await askEvent(this.socket, workerToGateway, "leaving", {}, ms).catch((error: Error) => {
      this.options.logger.warn({ error: error.message }, "the gateway did not take the cameras back");
    });
  }

  /** Sends what waits, for at most `ms`, then leaves. What is not acknowledged stays in the spool. */
  async close(ms: number): Promise<void> {
    const until = Date.now() + ms;
    while (this.greeted && this.options.spool.stats().records > 0 && Date.now() < until) {
      await this.pump();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    this.closed = true;
    for (const timer of [this.retry, this.gathering, this.framesTimer]) if (timer) clearTimeout(timer);
    this.socket.disconnect();
  }

  private async greet(): Promise<void> {
    const { hello, jobs, logger } = this.options;
    try {
      const asked = performance.now();
      const greeting = { protocol: PROTOCOL_VERSION, ...hello, jobs: jobs() };
      const answer = await askEvent(this.socket, workerToGateway, "hello", greeting, ACK_TIMEOUT_MS);
      if (!answer.ok) throw AppError.fromInfo(answer.error);
      this.clock.told(answer.value.serverTime, asked, performance.now());
      this.greeted = true;
      this.failures = 0;
      logger.info({ waiting: this.options.spool.stats().records }, "joined the gateway");
      void this.pump();
      this.options.onGreeted();
    } catch (error) {
      logger.error({ error: AppError.from(error).toInfo() }, "the gateway did not accept this worker; trying again");
      setTimeout(() => {
        if (!this.closed) this.socket.disconnect().connect();
      }, RETRY_MAX_MS).unref();
    }
  }

  /** Sends soon what waits; now, where that fills a batch. */
  private gather(): void {
    if (this.options.spool.stats().records >= BATCH_RECORDS) void this.pump();
    else
      this.gathering ??= setTimeout(() => {
        this.gathering = null;
        void this.pump();
      }, GATHER_RECORDS_MS);
  }

  /** One batch at a time, oldest first: the next one leaves when this one is safe in the database. */
  private async pump(): Promise<void> {
    if (this.sending || !this.greeted || this.closed) return;
    this.sending = true;
    try {
      const next = () => this.options.spool.peek(BATCH_RECORDS, BATCH_BYTES);
      for (let batch = next(); batch.records.length > 0 && this.greeted; batch = next()) {
        const { records } = batch;
        const answer = await askEvent(this.socket, workerToGateway, "detections", { records }, ACK_TIMEOUT_MS);
        if (!answer.ok) throw AppError.fromInfo(answer.error);
        this.failures = 0;
        this.options.spool.acknowledge(batch.through);
        this.options.onAcknowledged?.(records);
        const waiting = this.options.spool.stats().records;
        if (waiting < BATCH_RECORDS) {
          if (waiting > 0) this.gather();
          break;
        }
      }
    } catch (error) {
      this.failures++;
      const info = AppError.from(error).toInfo();
      this.options.logger.warn(
        { code: info.code, waiting: this.options.spool.stats().records },
        `detections were not taken: ${info.message}`,
      );
      this.scheduleRetry();
    } finally {
      this.sending = false;
    }
  }

  private scheduleRetry(): void {
    if (this.retry || this.closed) return;
    const wait = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** Math.min(this.failures - 1, 6)) * (0.75 + Math.random() / 2);
    this.retry = setTimeout(() => {
      this.retry = null;
      void this.pump();
    }, wait);
  }
}
