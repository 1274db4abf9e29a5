import type { CameraStatus } from "@octet/shared/domain/camera";
import { anywhere } from "@octet/shared/domain/placement";
import { newCameraStatus, newFrameCounters, newPercentiles } from "@octet/testing/new-camera-status";
import { newGpuLoad, newWorkerLoad } from "@octet/testing/new-worker";
import { beforeEach, describe, expect, it } from "vitest";
import { type AlarmState, evaluateAlarms, resumedState } from "./evaluate.ts";
import type { AlarmFacts, CameraFacts, WorkerFacts } from "./facts.ts";

const TICK_MS = 5000;
const cameraId = "6f1c2a1e-6a3b-4a58-9d0c-0b8f3f1f2a10";

let now = 0;
let state: AlarmState;
let inferred = 0;
let scaled = 0;
beforeEach(() => {
  now = 1_000_000;
  state = resumedState([]);
  inferred = 0;
  scaled = 0;
});

const status = (changes: Partial<CameraStatus> = {}): CameraStatus =>
  newCameraStatus({
    cameraId,
    workerId: "w",
    counters: newFrameCounters({ scaled, inferred }),
    latency: { total: newPercentiles(50) },
    ...changes,
  });
const worker = (changes: Partial<WorkerFacts> = {}): WorkerFacts => ({
  id: "w",
  name: "north",
  connected: true,
  draining: false,
  lostSince: null,
  cores: 2,
  load: newWorkerLoad(),
  ...changes,
});
const camera = (current: CameraStatus | null, changes: Partial<CameraFacts> = {}): CameraFacts => ({
  id: cameraId,
  name: "Gate",
  detectFps: 5,
  placement: anywhere,
  addressLost: false,
  status: current,
  ...changes,
});

/** What is raised and cleared within `seconds`, as "second +kind" and "second -kind". */
function run(seconds: number, facts: () => Partial<AlarmFacts>, rate: { scaled?: number; inferred?: number } = {}): string[] {
  const events: string[] = [];
  const start = now;
  for (; now < start + seconds * 1000; now += TICK_MS) {
    const result = evaluateAlarms(state, { budgetMs: 200, cameras: [], workers: [worker()], ...facts() }, now);
    state = result.state;
    const at = (now - start) / 1000;
    for (const { kind } of result.raised) events.push(`${at} +${kind}`);
    for (const key of result.cleared) events.push(`${at} -${key.split(":")[0]}`);
    scaled += ((rate.scaled ?? 5) * TICK_MS) / 1000;
    inferred += ((rate.inferred ?? 5) * TICK_MS) / 1000;
  }
  return events;
}
const showing =
  (changes: () => Partial<CameraStatus>, of: Partial<CameraFacts> = {}) =>
  (): Partial<AlarmFacts> => ({
    cameras: [camera(status(changes()), of)],
  });

describe("evaluateAlarms", () => {
  it("has nothing to say of a site where all is well", () => {
    expect(
      run(
        600,
        showing(() => ({})),
      ),
    ).toEqual([]);
    expect(state.standings.size).toBe(0);
  });

  it("raises a broken budget after a minute and a half, and clears it only well below the budget", () => {
    const at = (ms: number) => showing(() => ({ latency: { total: newPercentiles(ms) } }));
    // A bad moment is in the percentiles for a minute.
    expect(run(90, at(201))).toEqual([]);
    expect(run(10, at(190))).toEqual([]);
    expect(run(120, at(201))).toEqual(["90 +latency-budget"]);
    // Under the budget, but not by a tenth: neither raised again nor cleared.
    expect(run(300, at(190))).toEqual([]);
    expect(run(25, at(180))).toEqual([]);
    expect(run(5, at(190))).toEqual([]);
    expect(run(60, at(180))).toEqual(["30 -latency-budget"]);
  });

  it("holds a camera to what its worker aims at", () => {
    const slow = showing(() => ({ latency: { total: newPercentiles(450) } }), { budgetMs: 500 });
    expect(run(120, slow)).toEqual([]);
    expect(
      run(
        120,
        showing(() => ({ latency: { total: newPercentiles(550) } }), { budgetMs: 500 }),
      ),
    ).toEqual(["90 +latency-budget"]);
  });

  it("does not let one slow frame of a slow camera break the budget", () => {
    const slow = () => ({ latency: { total: { p50: 50, p95: 60, p99: 900 } } });
    expect(run(120, showing(slow, { detectFps: 1 }), { scaled: 1, inferred: 1 })).toEqual([]);
    expect(run(120, showing(slow))).toEqual(["90 +latency-budget"]);
  });

  it("says which stage is the longest", () => {
    const slow = { total: newPercentiles(450), decode: newPercentiles(20), queue: newPercentiles(380), infer: newPercentiles(30) };
    const facts = showing(() => ({ latency: slow }));
    expect(run(90, facts)).toEqual([]);
    const { raised } = evaluateAlarms(state, { budgetMs: 200, cameras: [], workers: [worker()], ...facts() }, now);
    expect(raised.map(({ message }) => message)).toEqual([expect.stringMatching(/is 450 ms.*longest stage is queue, 380 ms/)]);
  });

  it("raises a rate that is too low by the frames of half a minute", () => {
    expect(
      run(
        120,
        showing(() => ({})),
        { inferred: 4.2 },
      ),
    ).toEqual([]);
    expect(
      run(
        120,
        showing(() => ({})),
        { inferred: 3 },
      ),
    ).toEqual([expect.stringMatching(/^\d+ \+detection-rate$/)]);
    expect(
      run(
        120,
        showing(() => ({})),
        { inferred: 4.2 },
      ),
    ).toEqual([]);
    expect(
      run(
        120,
        showing(() => ({})),
      ),
    ).toEqual([expect.stringMatching(/^\d+ -detection-rate$/)]);
  });

  it("looks longer at a camera of one frame in ten seconds, and asks no more than its stream has", () => {
    expect(
      run(
        600,
        showing(() => ({}), { detectFps: 0.1 }),
        { scaled: 0.1, inferred: 0.1 },
      ),
    ).toEqual([]);
    expect(
      run(
        300,
        showing(() => ({ streamFps: 3 })),
        { scaled: 3, inferred: 3 },
      ),
    ).toEqual([]);
  });

  it("says so where a worker grants less than was asked for", () => {
    const facts = showing(() => ({ granted: 3 }));
    expect(run(60, facts, { scaled: 3, inferred: 3 })).toEqual(["30 +detection-rate"]);
    state = resumedState([]);
    run(30, facts, { scaled: 3, inferred: 3 });
    const { raised } = evaluateAlarms(state, { budgetMs: 200, workers: [worker()], cameras: [], ...facts() }, now);
    expect(raised).toMatchObject([{ subjectName: "Gate", message: expect.stringMatching(/^3 detections .* of 5 .* grants 3$/) }]);
  });

  it("begins anew with a camera's counters, and with its worker", () => {
    run(
      60,
      showing(() => ({})),
    );
    scaled = 0;
    inferred = 0;
    expect(
      run(
        60,
        showing(() => ({ workerId: "other" })),
      ),
    ).toEqual([]);
  });

  it("raises a camera that is offline or that no worker runs, though not where no worker is there at all", () => {
    expect(
      run(
        60,
        showing(() => ({ state: "offline" })),
      ),
    ).toEqual(["30 +camera-offline"]);
    expect(
      run(
        60,
        showing(() => ({})),
      ),
    ).toEqual(["10 -camera-offline"]);
    expect(run(60, () => ({ cameras: [camera(null)] }))).toEqual(["30 +camera-offline"]);
    expect(run(60, () => ({ cameras: [] }))).toEqual(["0 -camera-offline"]);
    expect(run(60, () => ({ cameras: [camera(null)], workers: [] }))).toEqual([]);
  });

  it("says which labels no worker has", () => {
    const cameras = [camera(null, { placement: { ...anywhere, require: ["site=north", "gpu"] } })];
    run(30, () => ({ cameras }));
    const { raised } = evaluateAlarms(state, { budgetMs: 200, cameras, workers: [worker()] }, now);
    expect(raised).toMatchObject([
      { message: "No worker that takes cameras has site=north and gpu", hint: expect.stringContaining("OCTET_LABELS") },
    ]);
  });

  it("raises a model's fall-back", () => {
    const modelAlarm = { code: "UNSUPPORTED" as const, message: "It cannot be loaded" };
    expect(
      run(
        30,
        showing(() => ({ modelAlarm })),
      ),
    ).toEqual(["10 +model-fallback"]);
    expect(
      run(
        30,
        showing(() => ({})),
      ),
    ).toEqual(["10 -model-fallback"]);
  });

  it("raises a lost host, and neither one that drains nor one that is back in time", () => {
    const away = { connected: false, load: null, cores: null };
    const lostSince = now;
    expect(run(25, () => ({ workers: [worker({ ...away, lostSince })] }))).toEqual([]);
    expect(run(20, () => ({}))).toEqual([]);
    expect(run(90, () => ({ workers: [worker({ ...away, lostSince, draining: true })] }))).toEqual([]);
    expect(run(90, () => ({ workers: [worker({ ...away, lostSince })] }))).toEqual(["30 +host-lost"]);
    // A gateway that was restarted does not know when it left: the alarm stays.
    state = resumedState(["host-lost:w"]);
    expect(run(90, () => ({ workers: [worker(away)] }))).toEqual([]);
    expect(run(10, () => ({}))).toEqual(["0 -host-lost"]);
  });

  it("raises NVDEC at its limit, with room between raising and clearing", () => {
    const at = (percent: number | null) => () => ({
      workers: [worker({ load: newWorkerLoad({ gpus: [newGpuLoad({ decoderPercent: percent })] }) })],
    });
    expect(run(60, at(96))).toEqual(["30 +decoder-saturated"]);
    expect(run(60, at(92))).toEqual([]);
    expect(run(60, at(null))).toEqual(["30 -decoder-saturated"]);
  });

  it("raises cores that are too few to decode, by frames that are due and missing", () => {
    const busy = (cpuPercent: number) => () => ({
      cameras: [camera(status())],
      workers: [worker({ load: newWorkerLoad({ cpuPercent }) })],
    });
    const few = { scaled: 3, inferred: 5 };
    expect(run(120, busy(100), few)).toEqual([]);
    expect(run(60, busy(195), few)).toEqual(["30 +decoder-saturated"]);
    expect(run(120, busy(195))).toEqual([expect.stringMatching(/-decoder-saturated$/)]);
  });

  it("raises a clock that stays off, either way, with room between raising and clearing", () => {
    const ahead = (clockAheadMs?: number) => () => ({
      workers: [worker({ load: newWorkerLoad(clockAheadMs === undefined ? {} : { clockAheadMs }) })],
    });
    expect(run(25, ahead(5000))).toEqual([]);
    expect(run(60, ahead(1500))).toEqual([]);
    expect(run(60, ahead(-90_000))).toEqual(["30 +clock-off"]);
    expect(run(60, ahead(1500))).toEqual([]);
    expect(run(60, ahead())).toEqual([]);
    expect(run(60, ahead(-3))).toEqual(["30 -clock-off"]);
    run(30, ahead(-90_000));
    const { raised } = evaluateAlarms(state, { budgetMs: 200, cameras: [], ...ahead(-90_000)() }, now);
    expect(raised).toMatchObject([{ message: "Its clock is 90 s behind the gateway's" }]);
  });

  it("raises memory that runs out, the host's or a GPU's, with room between raising and clearing", () => {
    const host = (rssBytes: number) => () => ({ workers: [worker({ load: newWorkerLoad({ rssBytes }) })] });
    expect(run(60, host(7e9))).toEqual(["30 +memory-high"]);
    expect(run(60, host(6.4e9))).toEqual([]);
    expect(run(60, host(5.9e9))).toEqual(["30 -memory-high"]);
    const gpu = (memoryUsedBytes: number | null) => () => ({
      workers: [worker({ load: newWorkerLoad({ gpus: [newGpuLoad(), newGpuLoad({ memoryUsedBytes, memoryTotalBytes: 1000 })] }) })],
    });
    expect(run(60, gpu(null))).toEqual([]);
    expect(run(60, gpu(980))).toEqual(["30 +memory-high"]);
    expect(run(60, gpu(950))).toEqual([]);
    expect(run(60, gpu(900))).toEqual(["30 -memory-high"]);
  });

  it("raises each loss of a spool, and clears it after five minutes without another", () => {
    const lost = (lostRecords: number) => () => ({
      workers: [worker({ load: newWorkerLoad({ spool: { ...newWorkerLoad().spool, lostRecords } }) })],
    });
    // What was lost before this process began is no news.
    expect(run(60, lost(7))).toEqual([]);
    expect(run(60, lost(9))).toEqual(["0 +spool-loss"]);
    expect(run(250, lost(12))).toEqual([]);
    expect(run(400, lost(12))).toEqual([expect.stringMatching(/-spool-loss$/)]);
    // The worker was restarted, and loses again.
    expect(run(10, lost(2))).toEqual(["0 +spool-loss"]);
  });
});
