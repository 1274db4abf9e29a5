import type { AlarmKind, AlarmSeverity, AlarmSubject } from "@octet/shared/domain/alarm";
import { type CameraStatus, LATENCY_WINDOW_MS, noWorkerFor, stageNames } from "@octet/shared/domain/camera";
import type { AlarmFacts, CameraFacts, WorkerFacts } from "./facts.ts";
import { attainable, type Observations, ratesOf } from "./observations.ts";

/** Between `bad` and `good` lies what neither raises an alarm nor clears one. */
export type Verdict = "bad" | "between" | "good";

export interface Condition extends AlarmSubject {
  kind: AlarmKind;
  severity: AlarmSeverity;
  verdict: Verdict;
  /** How long it must be bad, or good, without a break. */
  raiseAfterMs: number;
  clearAfterMs: number;
  /** Of a bad one. */
  message: string;
  hint: string | null;
}

const HOLD_MS = 30_000;
const SHORT_MS = 10_000;
const LOSS_OVER_MS = 300_000;
/** Shares of what was asked for. */
const RATE = { bad: 0.8, good: 0.9 };
const BUDGET_GOOD = 0.9;
const NVDEC = { bad: 95, good: 90 };
const CPU_BUSY = 0.9;
/** Of a host's memory by the worker alone; of a GPU's, which sessions fill on purpose, by all. */
const MEMORY = { bad: 0.85, good: 0.75 };
const GPU_MEMORY = { bad: 0.97, good: 0.93 };
/** Workers correct what is more than a second off (site-clock.ts), once they have joined. ms */
const CLOCK = { bad: 2000, good: 1000 };

const graded = (bad: boolean, good: boolean): Verdict => (bad ? "bad" : good ? "good" : "between");
const rounded = (value: number): string => String(Math.round(value * 10) / 10);

/** Everything that could be an alarm, and how it stands now. */
export function conditionsOf(facts: AlarmFacts, observed: Observations): Condition[] {
  const anyWorker = facts.workers.some(({ connected }) => connected);
  return [
    ...facts.cameras.flatMap((camera) => cameraConditions(camera, facts, observed, anyWorker)),
    ...facts.workers.flatMap((worker) => workerConditions(worker, facts, observed)),
  ];
}

function cameraConditions(camera: CameraFacts, facts: AlarmFacts, observed: Observations, anyWorker: boolean): Condition[] {
  const { status, detectFps } = camera;
  const subject = { subjectKind: "camera" as const, subjectId: camera.id, subjectName: camera.name };
  const online = status?.state === "online";
  const budgetMs = camera.budgetMs ?? facts.budgetMs;
  const held = { ...subject, severity: "warning" as const, raiseAfterMs: HOLD_MS, clearAfterMs: HOLD_MS };

  // Of fewer than a hundred frames the 99th percentile is the slowest one alone: one frame must not raise an alarm.
  const rates = ratesOf(observed, camera);
  const total = status?.latency.total;
  const slowest = total && (detectFps * 60 < 100 ? { name: "p95" as const, ms: total.p95 } : { name: "p99" as const, ms: total.p99 });
  const asked = online ? Math.min(detectFps, status.streamFps > 0 ? status.streamFps : detectFps) : detectFps;
  const granted = status?.granted ?? null;
  const reason = status ? (status.reason ?? { message: "No frames arrive", hint: null }) : noWorkerFor(camera);

  return [
    {
      ...held,
      kind: "camera-offline",
      // With no worker at all every camera waits, and the lost host is the alarm.
      verdict: online ? "good" : anyWorker ? "bad" : "between",
      clearAfterMs: SHORT_MS,
      message: reason.message,
      hint: reason.hint ?? null,
    },
    {
      ...held,
      kind: "latency-budget",
      // Percentiles are those of the last minute: one bad moment stays in them for so long, and a start is one.
      raiseAfterMs: LATENCY_WINDOW_MS + HOLD_MS,
      verdict: online && slowest ? graded(slowest.ms > budgetMs, slowest.ms <= budgetMs * BUDGET_GOOD) : "good",
      message: `${slowest?.name} from arrival to boxes is ${Math.round(slowest?.ms ?? 0)} ms; the budget is ${budgetMs} ms${status && slowest ? longestStage(status, slowest.name) : ""}`,
      hint: "The camera's page shows all stages.",
    },
    {
      ...held,
      kind: "detection-rate",
      verdict:
        online && rates ? graded(rates.inferred < asked * RATE.bad, rates.inferred >= asked * RATE.good) : online ? "between" : "good",
      // The rate is already that of half a minute or more.
      raiseAfterMs: 0,
      message: `${rounded(rates?.inferred ?? 0)} detections a second of ${rounded(detectFps)} that were asked for${granted !== null && granted < detectFps ? `: its worker is overloaded and grants ${rounded(granted)}` : ""}`,
      hint: "Give its worker fewer cameras, ask for fewer detections, or add a worker.",
    },
    {
      ...held,
      kind: "model-fallback",
      verdict: status?.modelAlarm ? "bad" : "good",
      raiseAfterMs: SHORT_MS,
      clearAfterMs: SHORT_MS,
      message: status?.modelAlarm?.message ?? "",
      hint: status?.modelAlarm?.hint ?? null,
    },
  ];
}

/** Percentiles of stages do not add up to that of all: the longest one is said beside it. */
function longestStage({ latency }: CameraStatus, percentile: "p95" | "p99"): string {
  const [longest] = stageNames
    .flatMap((stage) => (latency[stage] ? [{ stage, ms: latency[stage][percentile] }] : []))
    .sort((a, b) => b.ms - a.ms);
  return longest ? `. The longest stage is ${longest.stage}, ${Math.round(longest.ms)} ms` : "";
}

function workerConditions(worker: WorkerFacts, facts: AlarmFacts, observed: Observations): Condition[] {
  const subject = { subjectKind: "worker" as const, subjectId: worker.id, subjectName: worker.name };
  const { connected, draining, lostSince } = worker;
  const loss = observed.losses.get(worker.id);
  const aheadMs = worker.load?.clockAheadMs;
  return [
    {
      ...subject,
      kind: "host-lost",
      severity: "critical",
      // One that is away and of which nothing more is known is lost where it was: the gateway may have restarted since.
      verdict: connected || draining ? "good" : lostSince !== null ? "bad" : "between",
      raiseAfterMs: HOLD_MS,
      clearAfterMs: 0,
      message: "The worker left without a goodbye and is not back",
      hint: "Look at its host. A worker that is gone for good can be forgotten on the Workers page.",
    },
    { ...subject, ...decoderCondition(worker, facts, observed) },
    { ...subject, ...memoryCondition(worker) },
    {
      ...subject,
      kind: "clock-off",
      severity: "warning",
      verdict: aheadMs === undefined ? "between" : graded(Math.abs(aheadMs) >= CLOCK.bad, Math.abs(aheadMs) < CLOCK.good),
      raiseAfterMs: HOLD_MS,
      clearAfterMs: HOLD_MS,
      message: `Its clock is ${rounded(Math.abs(aheadMs ?? 0) / 1000)} s ${(aheadMs ?? 0) > 0 ? "ahead of" : "behind"} the gateway's`,
      hint: "Keep both by NTP. Its detections go by the gateway's clock meanwhile, but for those that it finds before it has joined.",
    },
    {
      ...subject,
      kind: "spool-loss",
      severity: "critical",
      // Bad at the look that finds it; then good for as long as it takes to clear.
      verdict: loss?.fresh ? "bad" : connected ? "good" : "between",
      raiseAfterMs: 0,
      clearAfterMs: LOSS_OVER_MS,
      message: `The spool is full: ${loss?.fresh ?? 0} detections were given up`,
      hint: "It fills while the gateway or the database is away. OCTET_SPOOL_BYTES gives it more room.",
    },
  ];
}

/** NVDEC at its limit; or the CPU at its limit while cameras get fewer frames than are due. */
function decoderCondition(worker: WorkerFacts, { cameras }: AlarmFacts, observed: Observations): Omit<Condition, keyof AlarmSubject> {
  const { load, cores } = worker;
  const own = cameras.filter(({ status }) => status?.state === "online" && status.workerId === worker.id);
  const behind = own.filter((camera) => {
    const rates = ratesOf(observed, camera);
    return rates && camera.status && rates.scaled < attainable(camera.detectFps, camera.status) * RATE.bad;
  });
  const nvdec = Math.max(0, ...(load?.gpus ?? []).map(({ decoderPercent }) => decoderPercent ?? 0));
  const cpuBusy = load && cores ? load.cpuPercent / (cores * 100) : 0;
  const byCpu = behind.length > 0 && cpuBusy >= CPU_BUSY;
  return {
    kind: "decoder-saturated",
    severity: "warning",
    verdict: load ? graded(nvdec >= NVDEC.bad || byCpu, nvdec < NVDEC.good && behind.length === 0) : "between",
    raiseAfterMs: HOLD_MS,
    clearAfterMs: HOLD_MS,
    message:
      nvdec >= NVDEC.bad
        ? `Its video decoder (NVDEC) is ${Math.round(nvdec)} % busy`
        : `Its cores are ${Math.round(cpuBusy * 100)} % busy, and ${behind.length} of ${own.length} cameras get fewer frames than are due`,
    hint: "Use sub-streams, or give cameras to another worker.",
  };
}

/** Before the system kills it, or a session cannot be made. */
function memoryCondition({ load }: WorkerFacts): Omit<Condition, keyof AlarmSubject> {
  const host = load ? load.rssBytes / load.capacity.memoryBytes : 0;
  const gpu = Math.max(
    0,
    ...(load?.gpus ?? []).map(({ memoryUsedBytes, memoryTotalBytes }) =>
      memoryUsedBytes !== null && memoryTotalBytes ? memoryUsedBytes / memoryTotalBytes : 0,
    ),
  );
  const byHost = host >= MEMORY.bad;
  return {
    kind: "memory-high",
    severity: "warning",
    verdict: load ? graded(byHost || gpu >= GPU_MEMORY.bad, host < MEMORY.good && gpu < GPU_MEMORY.good) : "between",
    raiseAfterMs: HOLD_MS,
    clearAfterMs: HOLD_MS,
    message: byHost
      ? `It takes ${Math.round(100 * host)} % of its host's memory`
      : `${Math.round(100 * gpu)} % of a GPU's memory is in use`,
    hint: byHost
      ? "Give it fewer cameras, or the host more memory. Where it grows with the same cameras, restart it and tell of it."
      : "Run fewer models at once on this GPU, or give its cameras to another worker.",
  };
}
