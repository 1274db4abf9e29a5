import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, utimesSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createDatabase, type Database } from "@octet/db/client";
import { acceptanceFactsSchema } from "@octet/shared/acceptance/facts";
import { renderAcceptance } from "@octet/shared/acceptance/page";
import { jobDefinitions } from "@octet/shared/domain/job";
import type { BenchmarkResult, ValidationResult } from "@octet/shared/domain/profile";
import type { ShadowReport } from "@octet/shared/domain/shadow";
import { newCameraStatus } from "@octet/testing/new-camera-status";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestPostgres } from "../../../../packages/testing/src/postgres.ts";
import { acceptanceFacts } from "../features/acceptance/data.ts";
import { collectDataset, removeDataset } from "../features/datasets/mutations.ts";
import { datasetCollectSchema } from "../features/datasets/schema.ts";
import { listFleetBenchmarks, listFleetModels } from "../features/planner/data.ts";
import { getProfile } from "../features/profiles/data.ts";
import { audit } from "../features/audit/mutations.ts";
import { promoteProfile, rejectProfile, startShadow } from "../features/profiles/mutations.ts";
import { examplePicture, newestShadow } from "../features/shadows/data.ts";
import { addShadowExample, saveShadowRuns } from "../features/shadows/mutations.ts";
import { ArtifactStore } from "./artifacts/store.ts";
import { sweepArtifacts } from "./artifacts/sweep.ts";
import { collectedDataset } from "./jobs/precision-outcomes.ts";
import { dropOldJobs } from "./jobs/retention.ts";
import { type Runtime, setRuntime } from "./runtime.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "octet-record-"));
const who = { id: "me", name: "Ada", role: "admin" };
let postgres: TestPostgres;
let db: Database;
let artifacts: ArtifactStore;
let profileId: string;
let cameraId: string;
const files: Record<string, { sha256: string; sizeBytes: number }> = {};

beforeAll(async () => {
  postgres = await TestPostgres.start();
  db = createDatabase(postgres.url, { connections: 4 });
  artifacts = await ArtifactStore.create({ folder, record: async () => {} });
  setRuntime({ db, artifacts } as unknown as Runtime);
  for (const name of ["model", "int8", "report", "label", "image", "frame", "orphan"])
    files[name] = await artifacts.store(Buffer.from(`a ${name}`));
  const manifest = { layout: "yolo", images: "images", groundTruth: "labels", files: [{ path: "labels/a.txt", ...files["label"] }] };
  files["manifest"] = await artifacts.store(Buffer.from(JSON.stringify(manifest)));
  files["calibration"] = await artifacts.store(Buffer.from(JSON.stringify({ ...manifest, files: [] })));
  const model = await db.detectorModel.create({
    data: {
      name: "Faces <b>",
      sha256: files["model"]!.sha256,
      sizeBytes: 100n,
      family: "retinaface",
      inputWidth: 640,
      inputHeight: 640,
      precision: "fp32",
      licence: { name: "MIT", note: "Yours to use.", origin: "here" },
    },
  });
  const version = async (name: string, kind: string, file: string) => {
    const { versions } = await db.dataset.create({
      data: {
        name,
        kind,
        versions: {
          create: { version: 1, layout: "yolo", manifestSha256: files[file]!.sha256, manifestBytes: 1n, imageCount: 1, origin: {} },
        },
      },
      include: { versions: true },
    });
    const image = { sha256: files["image"]!.sha256, sizeBytes: 1n, width: 1, height: 1, brightness: 1, dhash: "0".repeat(16) };
    await db.datasetImage.create({ data: { versionId: versions[0]!.id, path: `images/${name}.jpg`, ...image } });
    return versions[0]!.id;
  };
  await version("Doors", "validation", "manifest");
  const calibrationVersion = await version("Frames", "calibration", "calibration");
  const profile = await db.profile.create({
    data: {
      name: "Faces INT8",
      modelId: model.id,
      precision: "int8-ptq",
      state: "built",
      options: { precision: "int8-ptq" },
      calibrationVersion,
      sha256: files["int8"]!.sha256,
      sizeBytes: 50n,
      reportSha256: files["report"]!.sha256,
      tool: "octet 0",
    },
  });
  profileId = profile.id;
  cameraId = (await db.camera.create({ data: { name: "Door", urlSealed: "x", detectFps: 5 } })).id;
});
afterAll(async () => {
  await db?.$disconnect();
  await postgres?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const figures = (ap: number) => ({
  ap: { ap, ap50: ap },
  threshold: 0.5,
  precision: 90,
  recall: 80,
  missRate: 20,
  falsePositiveRate: 10,
  images: 40,
  faces: 90,
});
const validation: ValidationResult = {
  subject: figures(88),
  reference: figures(90),
  drop: { ap: { points: 2, low: 1, high: 3 }, ap50: { points: 2, low: 1, high: 3 } },
  keptPercent: 97.8,
  disagreements: [],
  pseudoLabels: false,
  calibratedOn: null,
};
const latencyMs = { p50: 3, p95: 4, p99: 5, mean: 3 };
const step = (streams: number, held: boolean) => ({
  streams,
  p50: 20,
  p95: 50,
  p99: held ? 90 : 400,
  droppedPercent: held ? 0 : 8,
  held,
  stages: { queue: { p50: 10, p95: 30, p99: held ? 60 : 350 } },
});
const benchmark: BenchmarkResult = {
  host: { hostname: "north", cpu: "EPYC", cores: 2, gpu: null },
  provider: "cpu",
  threads: 2,
  batches: [{ batch: 1, latencyMs, imagesPerSecond: 400 }],
  modelBytes: 50,
  peakMemoryBytes: 2e8,
  peakGpuMemoryBytes: null,
  powerWatts: null,
  utilisationPercent: null,
  reference: { latencyMs, imagesPerSecond: 250, speedup: 1.6, speedupRange: [1.5, 1.7] },
  streams: {
    asked: 70,
    fps: 5,
    decode: false,
    clip: null,
    budgetMs: 200,
    held: 64,
    steps: [step(64, true), step(70, false)],
    soak: { streams: 64, seconds: 60, rssBytes: [1e8, 1.1e8], growthBytesPerMinute: 2e5, p99: 90, droppedPercent: 0 },
  },
};

describe("what a shadow has seen", () => {
  const report = (promotionId: string, runId: string, frames: number): ShadowReport => ({
    runId,
    promotionId,
    cameraId,
    activeModel: "a",
    shadowModel: files["int8"]!.sha256,
    frames,
    disagreeing: frames / 2,
    matched: frames,
    onlyActive: frames / 2,
    onlyShadow: 0,
    scoreShift: 0,
    activeMs: 10 * frames,
    shadowMs: 5 * frames,
  });

  it("is kept over runs, with the frames that differ most, and forgotten with its promotion", async () => {
    expect(await newestShadow(db, profileId)).toBeNull();
    const { promotionId } = await startShadow(db, { id: profileId, where: { scope: "site" }, share: 0.5 }, who);
    expect(await newestShadow(db, profileId)).toMatchObject({ promotionId, endedAt: null, share: 0.5, summary: null, examples: [] });
    const [first, second] = [randomUUID(), randomUUID()];
    await saveShadowRuns(db, [report(promotionId, first, 4)]);
    await saveShadowRuns(db, [report(promotionId, first, 10), report(promotionId, second, 2), report(randomUUID(), randomUUID(), 99)]);
    expect((await newestShadow(db, profileId))!.summary).toMatchObject({ frames: 12, cameras: 1, disagreementRate: 0.5, activeMs: 10 });

    const box = { x: 0.1, y: 0.1, w: 0.2, h: 0.2, score: 0.9 };
    for (let at = 0; at < 26; at++)
      await addShadowExample(db, {
        promotionId,
        cameraId,
        capturedAt: at,
        differing: at === 3 ? 5 : 1,
        active: [box],
        shadow: [],
        jpeg: Buffer.from([at]),
      });
    await addShadowExample(db, {
      promotionId: randomUUID(),
      cameraId,
      capturedAt: 1,
      differing: 9,
      active: [],
      shadow: [],
      jpeg: Buffer.from([1]),
    });
    const { examples } = (await newestShadow(db, profileId))!;
    expect(examples).toHaveLength(24);
    expect(examples[0]).toMatchObject({ camera: "Door", differing: 5, active: [box], shadow: [] });
    expect(examples.at(-1)!.capturedAt.getTime()).toBe(2);
    expect([...(await examplePicture(db, examples[0]!.id))!]).toEqual([3]);
    expect(await examplePicture(db, "no id")).toBeNull();
  });
});

describe("a collection over several workers", () => {
  it("has a job for each of them, and each adds to what the others found", async () => {
    for (const id of ["north", "south"])
      await db.worker.create({ data: { id, name: id, version: "0", host: {}, model: {}, connectedAt: new Date() } });
    const cameras = await Promise.all(
      ["north", "south", "south"].map((workerId, at) => db.camera.create({ data: { name: `Yard ${at}`, urlSealed: "x", workerId } })),
    );
    const input = datasetCollectSchema.parse({
      into: { name: "Yards", kind: "calibration" },
      cameraIds: cameras.map(({ id }) => id),
      maxImages: 100,
    });
    const { datasetId, jobs } = await collectDataset(db, input, "Ada");
    const payloads = await Promise.all(
      jobs.map(async ({ id }) => jobDefinitions.collect.payload.parse((await db.job.findUniqueOrThrow({ where: { id } })).payload)),
    );
    expect(payloads.map(({ cameraIds, maxImages }) => [cameraIds.length, maxImages])).toEqual([
      [1, 34],
      [2, 67],
    ]);
    const image = (cameraId: string) => ({
      path: `images/${cameraId}/1.jpg`,
      ...files["frame"]!,
      ...{
        width: 1,
        height: 1,
        brightness: 1,
        dhash: "0".repeat(16),
        cameraId,
        capturedAt: new Date(5),
        faces: 0,
        faceSizes: [],
        boxes: [],
        boxClasses: [],
      },
    });
    // Both at once: neither may lose what the other has.
    await Promise.all(
      jobs.map((job, at) =>
        db.$transaction((tx) =>
          collectedDataset(
            tx,
            { ...job, kind: "collect", payload: payloads[at]!, createdBy: "Ada" },
            { images: payloads[at]!.cameraIds.map(image), seen: 9, duplicates: 0 },
          ),
        ),
      ),
    );
    const versions = await db.datasetVersion.findMany({ where: { datasetId }, orderBy: { version: "asc" }, include: { images: true } });
    expect(versions.map(({ version }) => version)).toEqual([1, 2]);
    expect(new Set(versions[1]!.images.map(({ cameraId }) => cameraId))).toEqual(new Set(cameras.map(({ id }) => id)));
    // A job whose outcome comes twice makes nothing new.
    await db.$transaction((tx) =>
      collectedDataset(
        tx,
        { ...jobs[0]!, kind: "collect", payload: payloads[0]!, createdBy: "Ada" },
        { images: payloads[0]!.cameraIds.map(image), seen: 9, duplicates: 0 },
      ),
    );
    expect(await db.datasetVersion.count({ where: { datasetId } })).toBe(2);
  });
});

describe("the acceptance report", () => {
  it("says what is missing, and makes up nothing", async () => {
    const facts = acceptanceFactsSchema.parse(await acceptanceFacts(db, [], "Faces INT8"));
    expect(facts).toMatchObject({ validation: null, benchmark: null, gate: { passed: false }, live: [], calibration: { name: "Frames" } });
    const page = renderAcceptance(facts);
    for (const words of ["It was not validated.", "It was not benchmarked.", "Streams were not measured.", "No camera runs on it now."])
      expect(page).toContain(words);
    await expect(acceptanceFacts(db, [], "nobody")).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("tells latency, drops, leaks and accuracy, where they were measured, and who decided what", async () => {
    const dataset = { sha256: files["manifest"]!.sha256, sizeBytes: 1 };
    await db.proof.create({ data: { profileId, kind: "validation", jobId: randomUUID(), against: { dataset }, result: validation } });
    const reference = { name: "Faces FP32", sha256: "0".repeat(64), sizeBytes: 1 };
    await db.proof.create({ data: { profileId, kind: "benchmark", jobId: randomUUID(), against: { reference }, result: benchmark } });
    await promoteProfile(
      db,
      { id: profileId, where: { scope: "camera", value: cameraId }, overrideReason: "The door is dark at night" },
      who,
    );
    const status = newCameraStatus({
      cameraId,
      detectFps: 4.9,
      granted: 5,
      latency: { total: { p50: 60, p95: 80, p99: 120 } },
      model: files["int8"]!.sha256,
    });
    const facts = await acceptanceFacts(db, [status, { ...status, model: "another" }], profileId);
    expect(facts.validation).toMatchObject({ dataset: { name: "Doors", version: 1 }, leaks: ["images/Doors.jpg"] });
    expect(facts.live).toMatchObject([{ camera: "Door", detectFps: 4.9, wantedFps: 5, totalMs: { p99: 120 } }]);
    expect(facts.decisions[0]).toMatchObject({ who: "Ada", what: "Promoted although the gate said no for Door" });
    expect(facts.decisions[0]!.why).toMatch(/^The door is dark at night; the gate: Loses 2\.00 points/);
    const page = renderAcceptance(acceptanceFactsSchema.parse(JSON.parse(JSON.stringify(facts))));
    for (const words of [
      "The gate stops it: 1 of 5 checks failed",
      "Faces &#60;b&#62;",
      "1 images of the validation set are in the calibration set too",
      "64 of 70 streams",
      "grew by 200.0 kB a minute",
      "On north (EPYC, 2 cores), cpu, 2 threads",
      "1.60 times as fast (1.50 to 1.70 over the rounds) as Faces FP32",
    ])
      expect(page).toContain(words);
    expect(page).not.toMatch(/NaN|undefined|<b>[^PF]/);
  });

  it("holds a profile to its newest validation on each data set that is there", async () => {
    const version = { version: 1, layout: "yolo", manifestSha256: "9".repeat(64), manifestBytes: 1, imageCount: 1, origin: {} };
    const { id, versions } = await db.dataset.create({
      data: { name: "Night", kind: "validation", versions: { create: version } },
      include: { versions: true },
    });
    for (const [keptPercent, at] of [
      [50, 1],
      [70, 2],
    ] as const)
      await db.proof.create({
        data: {
          ...{ profileId, kind: "validation", jobId: randomUUID(), createdAt: new Date(at) },
          ...{ against: { datasetVersionId: versions[0]!.id }, result: { ...validation, keptPercent } },
        },
      });
    const { earlier, gate, calibratedOn, validatedOn } = await getProfile(db, profileId);
    expect(calibratedOn).toMatchObject({ name: "Frames" });
    // Its newest is of before versions were written down with it.
    expect(validatedOn).toBeNull();
    expect(earlier).toMatchObject([{ dataset: "Night", keptPercent: 70 }]);
    expect(gate.findings.map(({ message }) => message).join()).toContain("Keeps 70.0 % of FP32's accuracy on Night");
    // Or else a proof against it could be taken away.
    await expect(removeDataset(db, id, "me")).rejects.toMatchObject({ code: "CONFLICT", message: expect.stringContaining("Faces INT8") });
    await db.profile.update({ where: { id: profileId }, data: { state: "rejected" } });
    await removeDataset(db, id, "me");
    await db.profile.update({ where: { id: profileId }, data: { state: "built" } });
    expect((await getProfile(db, profileId)).earlier).toEqual([]);
    await db.proof.deleteMany({ where: { createdAt: { lt: new Date(3) } } });
  });

  it("ends its shadow where it is rejected, and it is not promoted any more", async () => {
    const other = await db.profile.create({
      data: {
        name: "Faces INT8 worse",
        modelId: (await db.detectorModel.findFirstOrThrow()).id,
        precision: "int8-ptq",
        state: "validated",
        options: { precision: "int8-ptq" },
        sha256: files["orphan"]!.sha256,
        sizeBytes: 1n,
      },
    });
    await startShadow(db, { id: other.id, where: { scope: "tag", value: "door" }, share: 1 }, who);
    await rejectProfile(db, other.id, "It misses small faces", who);
    expect(await newestShadow(db, other.id)).toMatchObject({ endedAt: expect.any(Date) });
    const again = { id: other.id, where: { scope: "site" as const } };
    await expect(promoteProfile(db, { ...again, overrideReason: "I like it all the same" }, who)).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining("It misses small faces"),
    });
    await expect(startShadow(db, { ...again, share: 1 }, who)).rejects.toMatchObject({ code: "CONFLICT" });
    await db.promotion.deleteMany({ where: { profileId: other.id } });
    await db.profile.delete({ where: { id: other.id } });
  });

  it("has its benchmark plan for the fleet", async () => {
    expect(await listFleetBenchmarks(db, [])).toMatchObject([
      {
        host: "north",
        profile: "Faces INT8",
        gpu: "this-host",
        inference: { model: "retinaface-mnet0.25", precision: "int8", framesPerSecond: 400 },
      },
    ]);
  });

  it("has the newest benchmark of each host plan for the fleet", async () => {
    const on = async (hostname: string, imagesPerSecond: number, at: number) => {
      const result = { ...benchmark, host: { ...benchmark.host, hostname }, batches: [{ batch: 1, latencyMs, imagesPerSecond }] };
      const { id } = await db.proof.create({
        data: { profileId, kind: "benchmark", jobId: randomUUID(), against: {}, result, createdAt: new Date(at) },
      });
      return id;
    };
    const ids = [await on("south", 100, 1), await on("south", 120, 2), await on("north", 90, 3)];
    const listed = (await listFleetBenchmarks(db, [])).map(({ host, inference }) => [host, inference.framesPerSecond]);
    expect(listed).toEqual([
      ["north", 400],
      ["south", 120],
    ]);
    const { benchmark: newest, elsewhere } = await getProfile(db, profileId);
    expect(newest?.host.hostname).toBe("north");
    expect(elsewhere).toMatchObject([
      { hostname: "south", device: "EPYC", imagesPerSecond: 120, speedup: 1.6, streams: { held: 64, asked: 70 } },
    ]);
    await db.proof.deleteMany({ where: { id: { in: ids } } });
  });

  it("has it plan for the very model that the profile is made of, once that was counted", async () => {
    const { sha256 } = files["model"]!;
    const measured = async () => (await listFleetBenchmarks(db, await listFleetModels(db)))[0]!.inference.model;
    expect(await measured()).toBe("retinaface-mnet0.25");
    const cost = { parameters: 501_776, macs: 1_078_000_000, layerElements: 16_130_000 };
    await db.detectorModel.update({ where: { sha256 }, data: { cost } });
    expect(await listFleetModels(db)).toMatchObject([{ id: sha256, name: "Faces <b>", input: { width: 640, height: 640 }, cost }]);
    expect(await measured()).toBe(sha256);
  });
});

describe("old jobs", () => {
  it("go with their logs 90 days after they ended, and nothing that has not ended", async () => {
    const days = (count: number) => new Date(Date.now() - count * 86_400_000);
    const job = (title: string, state: string, endedAt: Date | null) =>
      db.job.create({
        data: {
          kind: "inspect",
          title,
          payload: {},
          inputHash: title,
          state,
          createdAt: days(200),
          endedAt,
          log: { create: [{ text: title }] },
        },
      });
    const old = await job("old", "done", days(91));
    const kept = [await job("recent", "failed", days(89)), await job("waiting", "queued", null)];
    expect(await dropOldJobs(db, Date.now())).toBe(1);
    const ids = [old, ...kept].map(({ id }) => id);
    expect((await db.job.findMany({ where: { id: { in: ids } } })).map(({ title }) => title).sort()).toEqual(["recent", "waiting"]);
    expect(await db.jobLog.count({ where: { jobId: { in: ids } } })).toBe(2);
    await db.job.deleteMany({ where: { id: { in: ids } } });
  });
});

describe("the sweep", () => {
  const fileOf = (name: string) => path.join(folder, files[name]!.sha256.slice(0, 2), files[name]!.sha256);
  const later = Date.now() + 10 * 86_400_000;

  it("removes what nothing names any more, a week after it was last asked for", async () => {
    await audit(db, "me", "gate.set", files["orphan"]!.sha256);
    expect(await sweepArtifacts({ db, artifacts, now: Date.now() })).toEqual({ removed: 0, bytes: 0 });
    // A job that runs holds what goes into it.
    const job = await db.job.create({ data: { kind: "import", title: "x", payload: { archive: files["orphan"]! }, inputHash: "x" } });
    await sweepArtifacts({ db, artifacts, now: later });
    expect(existsSync(fileOf("orphan"))).toBe(true);
    await db.job.update({ where: { id: job.id }, data: { state: "done", endedAt: new Date(later - 31 * 86_400_000) } });
    const soon = new Date(later);
    utimesSync(fileOf("orphan"), soon, soon);
    await sweepArtifacts({ db, artifacts, now: later });
    expect(existsSync(fileOf("orphan"))).toBe(true);
    utimesSync(fileOf("orphan"), new Date(), new Date());
    // The image is of no manifest here.
    expect((await sweepArtifacts({ db, artifacts, now: later })).removed).toBe(1);
    for (const name of Object.keys(files)) expect(existsSync(fileOf(name)), name).toBe(!["orphan", "image"].includes(name));
  });

  it("touches nothing where it cannot tell what a data set holds", async () => {
    const orphan = await artifacts.store(Buffer.from("another orphan"));
    rmSync(fileOf("manifest"));
    await expect(sweepArtifacts({ db, artifacts, now: later })).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(await artifacts.has(orphan.sha256)).toBe(true);
  });
});
