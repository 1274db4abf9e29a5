// The reference scenario as far as this host carries it: 70 sub-streams over RTSP (320×180 at 12.5 frames a second, H.264, which
// leaves two cores room for all else) from a server in this process, one worker, a gateway and Postgres, all on the same cores. First for a quarter of an hour at a rate
// that fits: are all online, do they hold their rate, what is the latency, what is dropped, does memory stay flat. Then twice
// of what fits: do rates fall evenly, does the latency hold. The limits: every camera's rate, the latency budget, a flat line.
//
//   npm run bench -- load [--model FILE.onnx] [--cameras N] [--every N] [--detect-fps N] [--minutes N] [--overload-minutes N] [--budget MS]
// On a GPU host, whole streams instead of sub-streams (--name: another file of results):
//   npm run bench -- load --clip FILE.mp4 --provider tensorrt --sessions N --media-threads N --detect-fps 5 \
//                         --overload-minutes 0 --worker-home DIR (engines that were built stay there) --name gpu-load
import path from "node:path";
import { parseArgs } from "node:util";
import { ensureDemoClips } from "@octet/demo/clips";
import { RtspServer } from "@octet/demo/rtsp-server";
import { defaultModelPath } from "@octet/inference/builtin-models";
import { findGpus } from "@octet/inference/gpus";
import { CLIP_FPS } from "@octet/media/clip-encoder";
import { scattered } from "@octet/pipeline/schedule/stagger";
import { type CameraStatus, stageNames } from "@octet/shared/domain/camera";
import type { Worker } from "@octet/shared/domain/worker";
import { sharedClips } from "@octet/testing/shared-clips";
import { waitFor } from "@octet/testing/wait-for";
import { Site } from "../e2e/system/site.ts";
import { writeResult } from "./report.ts";
import { stageCounts, stageTimes } from "./stage-times.ts";
import { SUB, subStream } from "./sub-stream.ts";

const { values } = parseArgs({
  options: {
    model: { type: "string" },
    cameras: { type: "string", default: "70" },
    every: { type: "string", default: "2" },
    "detect-fps": { type: "string", default: "0.2" },
    minutes: { type: "string", default: "15" },
    "overload-minutes": { type: "string", default: "3" },
    budget: { type: "string", default: "200" },
    clip: { type: "string" },
    provider: { type: "string", default: "cpu" },
    sessions: { type: "string", default: "2" },
    "media-threads": { type: "string", default: "2" },
    "worker-home": { type: "string" },
    name: { type: "string", default: "load" },
  },
});
const modelPath = path.resolve(values.model ?? defaultModelPath());
const count = Number(values.cameras);
const detectFps = Number(values["detect-fps"]);
/** Of the clips' frames, 25 a second, each so many-th. */
const every = Number(values.every);
const SAMPLE_MS = 10_000;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const round = (value: number, digits = 1): number => Number(value.toFixed(digits));

type Listed = { id: string; status: CameraStatus | null };
interface Sample {
  atSeconds: number;
  online: number;
  rssMiB: number;
  cpuCores: number;
  inferredPerSecond: number;
  busy: number;
  /** Detections a second that a camera is let have, and frames dropped since the sample before, of all. */
  granted: number;
  dropped: number;
}

const gpus = values.provider === "cpu" ? [] : await findGpus();
await using site = await Site.start();
const files: string[] = values.clip ? [path.resolve(values.clip)] : [];
for (const clip of values.clip ? [] : await ensureDemoClips(sharedClips())) {
  const file = path.join(site.home, `${clip.name}-sub.mp4`);
  await subStream(clip.path, file, every);
  files.push(file);
}
// Cameras are not in step: in step, all frames, and every two seconds all key frames, would come at one moment; none are
// near one another, neither within ten seconds nor within two.
const streams = Array.from({ length: count }, (_, index) => ({
  name: `camera-${index}`,
  file: files[index % files.length]!,
  startMs: scattered(index) * 10_000,
}));
const server = await RtspServer.start({ streams });
await site.addWorker("one", {
  OCTET_MODEL: modelPath,
  ...(values["worker-home"] ? { OCTET_HOME: path.resolve(values["worker-home"]) } : {}),
  OCTET_PROVIDER: values.provider,
  OCTET_INFER_THREADS: values.sessions,
  OCTET_MEDIA_THREADS: values["media-threads"],
  OCTET_LATENCY_BUDGET_MS: values.budget,
  UV_THREADPOOL_SIZE: String(count + 8),
});
const ids: string[] = [];
for (let index = 0; index < count; index++) {
  const stream = streams[index]!;
  ids.push((await site.addCamera({ name: `Load ${index}`, url: server.url(stream.name), detectFps })).id);
}
const list = (): Promise<Listed[]> => site.query<Listed[]>("cameras.list");
const worker = async (): Promise<Worker> => (await site.query<Worker[]>("workers.list"))[0]!;
await waitFor("all cameras to be online", async () => (await list()).every(({ status }) => status?.state === "online"), 120_000);
process.stdout.write(`${count} cameras are online\n`);
await waitFor("the model to run", async () => ((await worker()).load?.inferredPerSecond ?? 0) > 0, 600_000);

/** Watches for so long, and says what happened. */
async function watch(name: string, minutes: number, asked: number) {
  const metricsBefore = await (await fetch(`${site.url}/metrics`)).text();
  const before = new Map((await list()).map(({ id, status }) => [id, status]));
  const began = performance.now();
  const samples: Sample[] = [];
  const droppedOf = (cameras: readonly Listed[]): number => cameras.reduce((sum, { status }) => sum + (status?.counters.dropped ?? 0), 0);
  let droppedBefore = droppedOf(await list());
  while (performance.now() - began < minutes * 60_000) {
    await sleep(SAMPLE_MS);
    const [cameras, { load }] = await Promise.all([list(), worker()]);
    if (!load) continue;
    samples.push({
      atSeconds: Math.round((performance.now() - began) / 1000),
      online: cameras.filter(({ status }) => status?.state === "online").length,
      rssMiB: Math.round(load.rssBytes / 2 ** 20),
      cpuCores: round(load.cpuPercent / 100, 2),
      inferredPerSecond: round(load.inferredPerSecond),
      busy: round(load.inferBusy, 2),
      granted: round(cameras.reduce((sum, { status }) => sum + (status?.granted ?? 0), 0) / cameras.length, 3),
      dropped: droppedOf(cameras) - droppedBefore,
    });
    droppedBefore = droppedOf(cameras);
    if (samples.length % 6 === 0) process.stdout.write(`${name} ${JSON.stringify(samples.at(-1))}\n`);
  }
  const seconds = (performance.now() - began) / 1000;
  const after = await list();
  const metricsAfter = await (await fetch(`${site.url}/metrics`)).text();
  const changed = after.map(({ id, status }) => {
    const was = before.get(id)?.counters;
    const now = status?.counters;
    const since = (key: "scaled" | "inferred" | "dropped" | "received" | "decoded" | "reconnects"): number =>
      (now?.[key] ?? 0) - (was?.[key] ?? 0);
    return {
      inferred: since("inferred"),
      dropped: since("dropped"),
      scaled: since("scaled"),
      received: since("received"),
      decoded: since("decoded"),
      reconnects: since("reconnects"),
      granted: status?.granted ?? 0,
    };
  });
  const rates = changed.map(({ inferred }) => inferred / seconds).sort((a, b) => a - b);
  const sum = (key: keyof (typeof changed)[number]): number => changed.reduce((total, camera) => total + camera[key], 0);
  const third = Math.max(1, Math.floor(samples.length / 3));
  const mean = (some: readonly Sample[], key: keyof Sample): number =>
    some.reduce((total, sample) => total + sample[key], 0) / Math.max(1, some.length);
  const stages = Object.fromEntries(
    [...stageNames, "between", "total"].map((stage) => {
      const { mean: ms, p50, p95, p99 } = stageTimes(stageCounts(metricsBefore, stage), stageCounts(metricsAfter, stage));
      return [stage, { mean: round(ms), p50: round(p50), p95: round(p95), p99: round(p99) }];
    }),
  );
  const result = {
    minutes: round(seconds / 60),
    asked,
    onlineLeast: Math.min(...samples.map(({ online }) => online)),
    reconnects: sum("reconnects"),
    receivedPerSecond: round(sum("received") / seconds),
    decodedPerSecond: round(sum("decoded") / seconds),
    inferredPerSecond: round(sum("inferred") / seconds),
    rate: { least: round(rates[0]!, 3), median: round(rates[Math.floor(rates.length / 2)]!, 3), most: round(rates.at(-1)!, 3) },
    heldShare: round(rates.filter((rate) => rate >= 0.95 * asked).length / rates.length, 3),
    granted: {
      least: round(Math.min(...changed.map(({ granted }) => granted)), 3),
      most: round(Math.max(...changed.map(({ granted }) => granted)), 3),
    },
    dropped: sum("dropped"),
    droppedShare: round(sum("dropped") / Math.max(1, sum("scaled")), 4),
    latencyMs: stages,
    rssMiB: {
      firstThird: Math.round(mean(samples.slice(0, third), "rssMiB")),
      lastThird: Math.round(mean(samples.slice(-third), "rssMiB")),
    },
    cpuCores: round(mean(samples, "cpuCores"), 2),
    busy: round(mean(samples, "busy"), 2),
  };
  process.stdout.write(`${name}: ${JSON.stringify(result, null, 1)}\n`);
  return { ...result, samples };
}

await sleep(15_000);
const steady = await watch("steady", Number(values.minutes), detectFps);
const capacity = (await worker()).load?.capacity.detectionsPerSecond ?? steady.inferredPerSecond / Math.max(0.05, steady.busy);
/** Asks for twice of what fits; null where nobody wants to know. */
async function overloaded(minutes: number) {
  if (minutes === 0) return null;
  const twice = Math.min(30, round((2 * capacity) / count, 2));
  process.stdout.write(`measured capacity ${capacity.toFixed(1)} detections/s; asking for twice that: ${twice} a second and camera\n`);
  for (const id of ids) await site.mutate("cameras.update", { id, patch: { detectFps: twice } });
  await sleep(20_000);
  return watch("overload", minutes, twice);
}
const overload = await overloaded(Number(values["overload-minutes"]));
await server.stop();
process.stdout.write(
  `${writeResult(values.name, {
    gpu: gpus[0] ?? null,
    provider: values.provider,
    inference: (await worker()).host?.inference ?? null,
    model: path.basename(modelPath),
    streams: `${count} × ${values.clip ? path.basename(values.clip) : `${SUB.width}×${SUB.height} at ${CLIP_FPS / every} frames/s, H.264`}, RTSP over TCP; server, worker, gateway and Postgres on these cores`,
    budgetMs: Number(values.budget),
    ratios: {
      rateHeld: round(steady.rate.median / detectFps, 3),
      p99OverBudget: round(steady.latencyMs["total"]!.p99 / Number(values.budget), 3),
      memoryLastOverFirst: round(steady.rssMiB.lastThird / steady.rssMiB.firstThird, 3),
      ...(overload && {
        overloadInferredOverCapacity: round(overload.inferredPerSecond / capacity, 3),
        overloadP99OverBudget: round(overload.latencyMs["total"]!.p99 / Number(values.budget), 3),
        overloadLeastOverMostRate: round(overload.rate.least / overload.rate.most, 3),
      }),
    },
    capacityPerSecond: round(capacity),
    steady,
    overload,
  })}\n`,
);
