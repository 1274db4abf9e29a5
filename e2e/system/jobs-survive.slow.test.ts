// Each kind of job on a whole site, once in peace and once while the worker, the web app and Postgres are killed under it:
// it ends as it would have, with the same result.
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ensureDemoClips } from "@octet/demo/clips";
import { redDetector, redLabel, redPicture } from "@octet/precision/testing/red-detector";
import type { ArtifactRef } from "@octet/shared/domain/artifact";
import type { JobKind } from "@octet/shared/domain/job";
import { sharedClips } from "@octet/testing/shared-clips";
import { waitFor } from "@octet/testing/wait-for";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Site } from "./site.ts";

let site: Site;
let ownModel: string;
const addWorker = () => site.addWorker("one", { OCTET_MODEL: ownModel });
let payloads: Record<JobKind, (name: string) => Promise<unknown>>;

beforeAll(async () => {
  site = await Site.start();
  const [clip] = await ensureDemoClips(sharedClips());
  const media = path.join(site.home, "one", "media");
  mkdirSync(media, { recursive: true });
  copyFileSync(clip!.path, path.join(media, "clip.mp4"));
  // The live path goes on beside the jobs, and is to leave the cores to them.
  ownModel = path.join(site.home, "red.onnx");
  writeFileSync(ownModel, redDetector());
  await addWorker();
  const camera = await site.addCamera({ name: "One", url: "file:clip.mp4", detectFps: 5 });
  await waitFor("the camera to be online", async () => (await site.state(camera.id)) === "online");
  const model = await site.upload(redDetector());
  const places = Array.from({ length: 24 }, (_, at) => ({ column: at % 8, row: Math.floor(at / 8) }));
  const files: (ArtifactRef & { path: string })[] = [];
  for (const [at, place] of places.entries()) {
    files.push({ path: `images/${at}.png`, ...(await site.upload(await redPicture([{ ...place, strength: 0.6 + 0.015 * at }]))) });
    files.push({ path: `labels/${at}.txt`, ...(await site.upload(Buffer.from(redLabel(place)))) });
  }
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  const images = files.filter((file) => file.path.startsWith("images/"));
  const manifest = (layout: string, groundTruth: string | null, of: typeof files) =>
    site.upload(Buffer.from(JSON.stringify({ layout, images: "images", groundTruth, files: of })));
  const calibration = await manifest("images", null, images);
  const dataset = await manifest("yolo", "labels", files);
  const subject = { ...model, name: "red" };
  payloads = {
    // A file is one model only: each inspection has one of its own.
    inspect: async (name) => ({
      model: { ...(await site.upload(redDetector({ bias: name === "in peace" ? 6.1 : 6.2 }))), name },
      stated: { licence: "", origin: "", notes: "" },
    }),
    build: async () => ({ model: subject, options: { precision: "int8-ptq", hostLatency: false, weightBits: 7 }, calibration }),
    validate: async () => ({ subject, reference: subject, dataset, threshold: 0.5, pseudoLabels: false }),
    benchmark: async () => ({
      subject,
      reference: subject,
      batches: [1],
      seconds: 1,
      streams: { count: 1, fps: 2, decode: false, budgetMs: 5000, soakSeconds: 0 },
    }),
    import: async () => ({ layout: "yolo", images: "images", groundTruth: "labels", files, archive: null }),
    collect: async () => ({ cameraIds: [camera.id], everySeconds: 0.2, forSeconds: 60, maxImages: 5, minHashDistance: 0 }),
  };
}, 180_000);

afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
});

/** What of a result must be the same however often it is made: all, but for what a clock or a live camera says. */
const comparable: Partial<Record<JobKind, (result: never) => unknown>> = {
  inspect: ({ family, inputWidth, opset, operators }: Record<string, unknown>) => ({ family, inputWidth, opset, operators }),
  build: ({ summary: _, ...result }: Record<string, unknown>) => result,
  benchmark: ({ batches, modelBytes, streams }: { batches: { batch: number }[]; modelBytes: number; streams: { asked: number } }) => ({
    batches: batches.map(({ batch }) => batch),
    modelBytes,
    asked: streams.asked,
  }),
  collect: ({ images }: { images: { width: number; cameraId: string }[] }) => images.map(({ width, cameraId }) => ({ width, cameraId })),
};

async function begin(kind: JobKind, name: string): Promise<string> {
  const job = await site.db.job.create({
    data: { kind, title: `${kind} ${name}`, payload: (await payloads[kind](name)) as object, inputHash: "0".repeat(64) },
  });
  return job.id;
}

const row = (id: string) => site.db.job.findUniqueOrThrow({ where: { id } });

async function ended(id: string): Promise<{ state: string; attempt: number; error: unknown; result: unknown }> {
  return waitFor(
    "the job to end",
    async () => {
      const job = await row(id);
      return job.state === "queued" || job.state === "running" ? null : job;
    },
    120_000,
  );
}

/** Until they are at it, all of them: the first report of progress has come. */
async function underWay(ids: readonly string[], attempt: number): Promise<void> {
  await waitFor(
    "the jobs to be under way",
    async () => {
      const jobs = await Promise.all(ids.map(row));
      return jobs.every((job) => (job.state === "running" && job.attempt >= attempt && job.stage !== "starting") || job.state === "done");
    },
    120_000,
  );
}

// Kinds that run beside each other are killed together.
it.each<{ kinds: JobKind[] }>([
  { kinds: ["build", "collect"] },
  { kinds: ["validate", "inspect"] },
  { kinds: ["import"] },
  { kinds: ["benchmark"] },
])("$kinds survives the end of the worker, of the web app and of Postgres", async ({ kinds }) => {
  const inPeace = await Promise.all(kinds.map((kind) => begin(kind, "in peace")));
  const undisturbed = await Promise.all(inPeace.map(ended));
  for (const job of undisturbed) expect(job).toMatchObject({ state: "done", attempt: 1 });

  const ids = await Promise.all(kinds.map((kind) => begin(kind, "disturbed")));
  await underWay(ids, 1);
  await site.endWorker("one", "SIGKILL");
  await addWorker();
  await underWay(ids, 1);
  await site.endWeb("SIGKILL");
  await site.postgres.crash();
  await site.postgres.restart();
  await site.startWeb();
  const disturbed = await Promise.all(ids.map(ended));
  for (const [at, kind] of kinds.entries()) {
    expect(disturbed[at], JSON.stringify(disturbed[at]!.error)).toMatchObject({ state: "done" });
    const of = (comparable[kind] ?? ((result: unknown) => result)) as (result: unknown) => unknown;
    expect(of(disturbed[at]!.result)).toEqual(of(undisturbed[at]!.result));
  }
});
