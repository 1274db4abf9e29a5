// Share of bare inference throughput that the whole live path keeps: cameras → decode → scale → schedule → infer →
// post-process → track → spool → gateway → Postgres, all on this one host, against `session.run` alone on the same
// number of threads in the same run. Cameras are as in the reference scenario: 25 fps, 5 detections a second each, and so
// many that inference is never idle. Each live window lies between two bare ones, so that a drift of the machine's speed
// cancels out; the ratio is the median over the windows.
//
//   npm run bench -- pipeline [--model FILE.onnx] [--threads N] [--detect-fps N] [--rounds N] [--seconds N]
import { copyFileSync, mkdirSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { ensureDemoClips } from "@octet/demo/clips";
import { defaultModelPath } from "@octet/inference/builtin-models";
import { loadModelFile } from "@octet/inference/model-file";
import { median } from "@octet/precision/bench/statistics";
import { waitFor } from "@octet/testing/wait-for";
import { recogniseDetector } from "@octet/vision/models/recognise";
import { sharedClips } from "../e2e/system/clips.ts";
import { Site } from "../e2e/system/site.ts";
import { BareRuns } from "./bare-runs.ts";
import { writeResult } from "./report.ts";

const { values } = parseArgs({
  options: {
    model: { type: "string" },
    threads: { type: "string", default: "1,2" },
    "detect-fps": { type: "string", default: "5" },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "8" },
  },
});
const modelPath = path.resolve(values.model ?? defaultModelPath());
const seconds = Number(values.seconds);
/** Offered over bare. */
const OVER_OFFER = 1.3;
const { input, family } = recogniseDetector((await loadModelFile(modelPath)).signature);
const shape = [1, 3, input.height, input.width];
const clips = await ensureDemoClips(sharedClips());
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function measure(threads: number): Promise<{
  threads: number;
  barePerSecond: number;
  livePerSecond: number;
  ratio: number;
  cameras: number;
  offeredPerSecond: number;
  rounds: { bare: number; live: number; ratio: number; dropped: number; sessionBusy: number }[];
}> {
  const bare = await BareRuns.create({ modelPath, input: input.name, shape, threads });
  const limit = await bare.measure(3);
  await using site = await Site.start();
  const media = path.join(site.home, "one", "media");
  mkdirSync(media, { recursive: true });
  for (const clip of clips) copyFileSync(clip.path, path.join(media, path.basename(clip.path)));
  await site.addWorker("one", { OCTET_INFER_THREADS: String(threads), OCTET_MODEL: modelPath, OCTET_MEDIA_THREADS: "2" });
  // More is offered than can be done, so that inference never waits for a camera.
  const detectFps = Number(values["detect-fps"]);
  const count = Math.ceil((limit * OVER_OFFER) / detectFps);
  const ids: string[] = [];
  for (let i = 0; i < count; i++) {
    const clip = clips[i % clips.length];
    ids.push(
      (
        await site.addCamera({
          name: `Bench ${i}`,
          url: `file:${path.basename(clip?.path ?? "")}`,
          detectFps,
          enabled: false,
        })
      ).id,
    );
  }
  const setAll = async (enabled: boolean): Promise<void> => {
    for (const id of ids) await site.mutate("cameras.update", { id, patch: { enabled } });
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
    await sleep(2000);
    const before = {
      at: performance.now(),
      inferred: await site.metric("octet_frames_inferred_total"),
      dropped: await site.metric("octet_frames_dropped_total"),
      inferSeconds: await site.metric('octet_stage_seconds_sum{stage="infer"}'),
    };
    await sleep(seconds * 1000);
    const after = {
      at: performance.now(),
      inferred: await site.metric("octet_frames_inferred_total"),
      dropped: await site.metric("octet_frames_dropped_total"),
      inferSeconds: await site.metric('octet_stage_seconds_sum{stage="infer"}'),
    };
    const elapsed = (after.at - before.at) / 1000;
    const live = (after.inferred - before.inferred) / elapsed;
    await setAll(false);
    await waitFor("the cameras to stop", async () =>
      (await site.query<{ load: { cameras: number } | null }[]>("workers.list")).every((worker) => (worker.load?.cameras ?? 1) === 0),
    );
    const bareAfter = await bare.measure(seconds);
    const bareRate = (bareBefore + bareAfter) / 2;
    bareBefore = bareAfter;
    rounds.push({
      bare: bareRate,
      live,
      ratio: live / bareRate,
      dropped: (after.dropped - before.dropped) / elapsed,
      // Near 1: the session never waits, and what is missing is lost to the machine (shared caches, memory, cores).
      sessionBusy: (after.inferSeconds - before.inferSeconds) / elapsed / threads,
    });
    process.stdout.write(
      `threads ${threads} round ${round + 1}: bare ${bareRate.toFixed(1)}/s, live ${live.toFixed(1)}/s, ratio ${(live / bareRate).toFixed(3)}, session busy ${(rounds.at(-1)!.sessionBusy * 100).toFixed(0)} %\n`,
    );
  }
  await bare.close();
  return {
    threads,
    barePerSecond: median(rounds.map((round) => round.bare)),
    livePerSecond: median(rounds.map((round) => round.live)),
    ratio: median(rounds.map((round) => round.ratio)),
    cameras: count,
    offeredPerSecond: detectFps * count,
    rounds,
  };
}

const results = [];
for (const threads of (values.threads ?? "1").split(",").map(Number)) results.push(await measure(threads));
for (const { threads, barePerSecond, livePerSecond, ratio } of results)
  process.stdout.write(
    `${family}, ${threads} inference thread(s): live ${livePerSecond.toFixed(1)} of bare ${barePerSecond.toFixed(1)} images/s: ${ratio.toFixed(3)} (aim 0.90)\n`,
  );
const name = values.model ? `pipeline-${path.basename(modelPath, ".onnx")}` : "pipeline";
process.stdout.write(
  `${writeResult(name, { model: path.basename(modelPath), family, input: shape, clips: "demo clips, file sources at 25 fps", results })}\n`,
);
