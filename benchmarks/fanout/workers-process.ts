// Simulated workers: they take cameras, send what is watched, store detections batch by batch, and report each second, as real
// ones do. Told by messages what to send.

import { PROTOCOL_VERSION } from "@octet/shared/protocol/catalogue";
import { packFrame } from "@octet/shared/protocol/live-frame";
import { socketParser } from "@octet/shared/protocol/parser";
import { io, type Socket } from "socket.io-client";
import { StatusTurns } from "../../apps/worker/src/telemetry/status-turns.ts";
import { frame, hello, record, status, telemetry } from "./messages.ts";

/** As the worker's link does. */
const BATCH = 200;
const GATHER_MS = 100;
const TICK_MS = 10;

interface Answer {
  ok: boolean;
}

interface Assigned {
  id: string;
  epoch: number;
}

class SimulatedWorker {
  readonly id: string;
  readonly socket: Socket;
  cameras: Assigned[] = [];
  frames = new Set<string>();
  previews = new Set<string>();
  readonly turns = new StatusTurns();
  /** Records that are due and not stored yet. */
  due = 0;
  private next = 0;
  private sending = false;
  private sentAt = 0;
  private readonly oneByOne: boolean;
  private seq = 0;
  private accumulated = 0;
  private order: string[] = [];

  /** @param oneByOne a message for each frame */
  constructor(url: string, id: string, oneByOne: boolean) {
    this.id = id;
    this.oneByOne = oneByOne;
    const auth = { token: "bench", protocol: PROTOCOL_VERSION };
    this.socket = io(`${url}/worker`, { parser: socketParser, auth, transports: ["websocket"], forceNew: true });
    this.socket.on("assignment", ({ cameras }: { cameras: Assigned[] }, reply: (value: unknown) => void) => {
      this.cameras = cameras.map(({ id: cameraId, epoch }) => ({ id: cameraId, epoch }));
      reply({ ok: true, value: { running: cameras.length } });
    });
    this.socket.on("watch", ({ frames, previews, statusEvery }: { frames: string[]; previews: string[]; statusEvery?: number }) => {
      this.turns.everySeconds = statusEvery ?? 1;
      this.frames = new Set(frames);
      this.previews = new Set(previews);
      this.order = [...this.frames];
    });
    this.socket.on("connect", () => void this.socket.emitWithAck("hello", hello(id)).catch(() => {}));
    this.socket.on("disconnect", () => {
      stats.lost++;
    });
  }

  /** Frames of what is watched, evenly over time. Returns how many. */
  sendFrames(perSecond: number): number {
    this.accumulated += (this.order.length * perSecond * TICK_MS) / 1000;
    const frames = [];
    for (; this.accumulated >= 1; this.accumulated--) {
      const cameraId = this.order[this.next++ % this.order.length];
      if (!cameraId) break;
      frames.push(frame(cameraId, this.seq++, this.previews.has(cameraId)));
    }
    if (this.oneByOne) for (const each of frames) this.socket.emit("frame", each);
    else if (frames.length > 0) this.socket.emit("frames", frames.map(packFrame));
    return frames.length;
  }

  async pump(stats: Stats): Promise<void> {
    if (this.sending || this.due < 1 || this.cameras.length === 0) return;
    if (this.due < BATCH && performance.now() - this.sentAt < GATHER_MS) return;
    this.sending = true;
    do {
      const count = Math.min(BATCH, Math.floor(this.due));
      const records = Array.from({ length: count }, () => {
        const camera = this.cameras[this.seq % this.cameras.length]!;
        return record(camera.id, this.seq++, this.id, camera.epoch);
      });
      const began = performance.now();
      const answer = (await this.socket.emitWithAck("detections", { records }).catch(() => ({ ok: false }))) as Answer;
      stats.acks.push(performance.now() - began);
      if (answer.ok) {
        this.due -= count;
        stats.stored += count;
      } else await new Promise((resolve) => setTimeout(resolve, 100));
    } while (this.due >= BATCH && stats.storing);
    this.sentAt = performance.now();
    this.sending = false;
  }
}

interface Stats {
  storing: boolean;
  frames: number;
  stored: number;
  acks: number[];
  /** Connections that ended. */
  lost: number;
}

const workers: SimulatedWorker[] = [];
const stats: Stats = { storing: false, frames: 0, stored: 0, acks: [], lost: 0 };
let framesPerSecond = 0;
let recordsPerSecond = 0;
let telling = false;
let seconds = 0;

let taken = performance.now();
/** Since what happened was last taken. */
function since(): number {
  const elapsed = (performance.now() - taken) / 1000;
  taken = performance.now();
  return elapsed;
}

let last = performance.now();
setInterval(() => {
  const elapsed = performance.now() - last;
  last += elapsed;
  // A process that is late makes up for it, but for no more than a tenth of a second: a stall would become a flood.
  for (let ticks = Math.min(10, Math.max(1, Math.round(elapsed / TICK_MS))); ticks > 0; ticks--)
    for (const worker of workers) if (framesPerSecond > 0) stats.frames += worker.sendFrames(framesPerSecond);
  for (const worker of workers) {
    worker.due += (recordsPerSecond * elapsed) / 1000 / workers.length;
    void worker.pump(stats);
  }
}, TICK_MS);
setInterval(() => {
  seconds++;
  if (!telling) return;
  for (const [index, worker] of workers.entries())
    setTimeout(
      () =>
        worker.socket.emit(
          "telemetry",
          telemetry(
            worker.turns.next(
              worker.cameras.map(({ id }) => status(id, worker.id, seconds)),
              worker.frames,
            ),
            seconds,
          ),
        ),
      (index * 1000) / workers.length,
    );
}, 1000);

type Order =
  | { do: "join"; url: string; ids: string[]; oneByOne: boolean }
  | { do: "send"; framesPerSecond: number; recordsPerSecond: number; telling: boolean }
  | { do: "state" }
  | { do: "take" };

process.on("message", (order: Order & { id: number }) => {
  const answer = (value: unknown): void => void process.send?.({ id: order.id, value });
  if (order.do === "join") {
    for (const id of order.ids) workers.push(new SimulatedWorker(order.url, id, order.oneByOne));
    answer(null);
  } else if (order.do === "send") {
    ({ framesPerSecond, recordsPerSecond, telling } = order);
    stats.storing = recordsPerSecond > 0;
    if (!stats.storing) for (const worker of workers) worker.due = 0;
    answer(null);
  } else if (order.do === "state")
    answer({
      cameras: workers.reduce((sum, { cameras }) => sum + cameras.length, 0),
      watched: workers.reduce((sum, { frames }) => sum + frames.size, 0),
      due: workers.reduce((sum, { due }) => sum + due, 0),
    });
  else {
    answer({ frames: stats.frames, stored: stats.stored, acks: stats.acks, lost: stats.lost, seconds: since() });
    stats.frames = 0;
    stats.stored = 0;
    stats.acks = [];
    stats.lost = 0;
  }
});
process.on("disconnect", () => process.exit(0));
