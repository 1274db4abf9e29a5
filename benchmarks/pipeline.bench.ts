// Share of bare inference throughput that the whole live path keeps: cameras → decode → scale → schedule → infer →
// post-process → track → spool → gateway → Postgres, all on this one host, against `session.run` alone on the same
// number of threads in the same run, for several numbers of cameras (sub-streams at 25 frames a second). All cameras together
// ask for more than can be done, so that inference is never idle. Each live window lies between two bare ones, so that a drift
// of the machine's speed cancels out; the ratio, to that or to all frames that the cameras give, is the median over the windows. The second limit is `session.run` while the same
// cameras are decoded and scaled for nobody: what is lost to that, cores, caches and memory must give on any pipeline. Then,
// asking for half of it, how much longer a frame is on its way than the stages it goes through take.
//
//   npm run bench -- pipeline [--model FILE.onnx] [--threads N,…] [--cameras N,…] [--rounds N] [--seconds N]
import { mkdirSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { ensureDemoClips } from "@octet/demo/clips";
import { defaultModelPath } from "@octet/inference/builtin-models";
import { loadModelFile } from "@octet/inference/model-file";
import { median } from "@octet/precision/bench/statistics";
import { sharedClips } from "@octet/testing/shared-clips";
import { waitFor } from "@octet/testing/wait-for";
import { recogniseDetector } from "@octet/vision/models/recognise";
import { freePort, Site, seriesValue } from "../e2e/system/site.ts";
import { BareRuns } from "./bare-runs.ts";
import { DecodeBeside } from "./decode-beside.ts";
import { writeResult } from "./report.ts";
import { stageCounts, stageTimes } from "./stage-times.ts";
import { SUB, subStream } from "./sub-stream.ts";

const { values } = parseArgs({
  options: {
    model: { type: "string" },
    threads: { type: "string", default: "1" },
    cameras: { type: "string", default: "1,4,16,70" },
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "8" },
  },
});
const modelPath = path.resolve(values.model ?? defaultModelPath());
const seconds = Number(values.seconds);
const MEDIA_THREADS = 2;
/** Offered over bare. */
const OVER_OFFER = 1.3;
/**
 * Until rates are what fits, and not what was asked for at first: what a frame costs is smoothed, rates rise by steps, and a
 * frame costs less the less a session waits between two.
 */
const SETTLE_MS = 40_000;
/** Asked for, over bare, where added latency is looked at. */
const HALF = 0.5;
/** Frames a second of each source: a camera cannot be asked for more. */
const SOURCE_FPS = 25;
const perCamera = (total: number, cameras: number): number => Math.min(SOURCE_FPS, Math.max(0.1, total / cameras));
const { input, family } = recogniseDetector((await loadModelFile(modelPath)).signature);
const shape = [1, 3, input.height, input.width];
const clips = await ensureDemoClips(sharedClips());
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function measure(
  threads: number,
  count: number,
): Promise<{
  threads: number;
  addedMs: { mean: number; p50: number; p95: number; p99: number };
  totalMs: { mean: number; p50: number; p95: number; p99: number };
  barePerSecond: number;
  besidePerSecond: number;
  livePerSecond: number;
  ratio: number;
  /** Of what bare runs do while the cameras are decoded. */
  ratioBeside: number;
  cameras: number;
  offeredPerSecond: number;
  rounds: { bare: number; beside: number; live: number; ratio: number; ratioBeside: number; dropped: number; sessionBusy: number }[];
}> {
  const bare = await BareRuns.create({ modelPath, input: input.name, shape, threads });
  const limit = await bare.measure(3);
  await using site = await Site.start();
  const media = path.join(site.home, "one", "media");
  mkdirSync(media, { recursive: true });
  const files: string[] = [];
  for (const clip of clips) {
    files.push(`${clip.name}-sub.mp4`);
    await subStream(clip.path, path.join(media, `${clip.name}-sub.mp4`));
  }
  const metricsPort = await freePort();
  await site.addWorker("one", {
    OCTET_METRICS_PORT: String(metricsPort),
    OCTET_INFER_THREADS: String(threads),
    OCTET_MODEL: modelPath,
    OCTET_MEDIA_THREADS: String(MEDIA_THREADS),
    UV_THREADPOOL_SIZE: String(count + 8),
  });
  // More is offered than can be done, so that inference never waits for a camera.
  const detectFps = perCamera(limit * OVER_OFFER, count);
  const ids: string[] = [];
  for (let i = 0; i < count; i++) {
    ids.push(
      (
        await site.addCamera({
          name: `Bench ${i}`,
          url: `file:${files[i % files.length]}`,
          detectFps,
          enabled: false,
        })
      ).id,
    );
  }
  // The worker's own counts, at once: the gateway's are as old as its last message.
  const read = async (): Promise<{ at: number; inferred: number; dropped: number; inferSeconds: number }> => {
    const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    return {
      at: performance.now(),
      inferred: seriesValue(text, "octet_worker_frames_inferred_total"),
      dropped: seriesValue(text, "octet_worker_frames_dropped_total"),
      inferSeconds: seriesValue(text, 'octet_worker_stage_seconds_sum{stage="infer"}'),
    };
  };
  const setAll = async (enabled: boolean): Promise<void> => {
    for (const id of ids) {
      await site.mutate("cameras.update", { id, patch: { enabled } });
      // Key frames come every two seconds. Cameras are not in step: files that begin together are, and stay so.
      if (enabled) await sleep(2000 / count);
    }
  };
  const bareBeside = async (): Promise<number> => {
    await using _decoding = await DecodeBeside.start({
      mediaRoot: media,
      files: ids.map((_, index) => files[index % files.length]!),
      threads: MEDIA_THREADS,
      detectFps,
      target: { width: input.width, height: input.height, resize: input.resize, padValue: input.padValue, channels: input.channels },
    });
    await sleep(1000);
    return bare.measure(seconds);
  };
  const rounds = [];
  let bareBefore = await bare.measure(seconds);
  for (let round = 0; round < Number(values.rounds); round++) {
    await setAll(true);
    await waitFor(
      "all cameras to be online",
      async () =>
        (await site.query<{ status: { state: string } | null }[]>("cameras.list")).every((camera) => camera.status?.state === "online"),
      60_000,
    );
    await sleep(SETTLE_MS);
    const before = await read();
    await sleep(seconds * 1000);
    const after = await read();
    const elapsed = (after.at - before.at) / 1000;
    const live = (after.inferred - before.inferred) / elapsed;
    await setAll(false);
    await waitFor("the cameras to stop", async () =>
      (await site.query<{ load: { cameras: number } | null }[]>("workers.list")).every((worker) => (worker.load?.cameras ?? 1) === 0),
    );
    const beside = await bareBeside();
    const bareAfter = await bare.measure(seconds);
    const bareRate = (bareBefore + bareAfter) / 2;
    bareBefore = bareAfter;
    // One camera of a fast host gives less than inference could take.
    const given = SOURCE_FPS * count;
    rounds.push({
      bare: bareRate,
      beside,
      live,
      ratio: live / Math.min(bareRate, given),
      ratioBeside: live / Math.min(beside, given),
      dropped: (after.dropped - before.dropped) / elapsed,
      // Near 1: the session never waits, and what is missing is lost to the machine (shared caches, memory, cores).
      sessionBusy: (after.inferSeconds - before.inferSeconds) / elapsed / threads,
    });
    process.stdout.write(
      `threads ${threads} round ${round + 1}: bare ${bareRate.toFixed(1)}/s, beside decoding ${beside.toFixed(1)}/s, live ${live.toFixed(1)}/s, ratio ${rounds.at(-1)!.ratio.toFixed(3)} and ${rounds.at(-1)!.ratioBeside.toFixed(3)}, session busy ${(rounds.at(-1)!.sessionBusy * 100).toFixed(0)} %\n`,
    );
  }
  for (const id of ids)
    await site.mutate("cameras.update", {
      id,
      patch: { enabled: true, detectFps: perCamera(median(rounds.map((round) => round.bare)) * HALF, count) },
    });
  await sleep(20_000);
  const metrics = async (): Promise<string> => (await fetch(`${site.url}/metrics`)).text();
  const halfBefore = await metrics();
  await sleep(2 * seconds * 1000);
  const halfAfter = await metrics();
  await bare.close();
  return {
    threads,
    addedMs: stageTimes(stageCounts(halfBefore, "between"), stageCounts(halfAfter, "between")),
    totalMs: stageTimes(stageCounts(halfBefore, "total"), stageCounts(halfAfter, "total")),
    barePerSecond: median(rounds.map((round) => round.bare)),
    besidePerSecond: median(rounds.map((round) => round.beside)),
    livePerSecond: median(rounds.map((round) => round.live)),
    ratio: median(rounds.map((round) => round.ratio)),
    ratioBeside: median(rounds.map((round) => round.ratioBeside)),
    cameras: count,
    offeredPerSecond: detectFps * count,
    rounds,
  };
}

const results = [];
for (const threads of values.threads.split(",").map(Number))
  for (const count of values.cameras.split(",").map(Number)) results.push(await measure(threads, count));
for (const { threads, cameras, barePerSecond, livePerSecond, ratio, ratioBeside, addedMs } of results)
  process.stdout.write(
    `${family}, ${threads} inference thread(s), ${cameras} camera(s): live ${livePerSecond.toFixed(1)} of bare ${barePerSecond.toFixed(1)} images/s: ${ratio.toFixed(3)} (aim 0.95), ${ratioBeside.toFixed(3)} of what decoding leaves; at half of it ${addedMs.p99.toFixed(1)} ms at p99 beyond the stages (aim 10)\n`,
  );
const name = values.model ? `pipeline-${path.basename(modelPath, ".onnx")}` : "pipeline";
process.stdout.write(
  `${writeResult(name, { model: path.basename(modelPath), family, input: shape, clips: `the demo's clips at ${SUB.width}×${SUB.height}, file sources at 25 frames/s`, results })}\n`,
);
