import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { writeTestClip } from "@octet/demo/test-clip";
import { decodeModel } from "@octet/onnx/io/decode-model";
import { StagedProgress } from "@octet/precision/progress/staged-progress";
import { redDetector, redLabel, redPicture } from "@octet/precision/testing/red-detector";
import type { ArtifactRef } from "@octet/shared/domain/artifact";
import type { DatasetManifest } from "@octet/shared/domain/dataset";
import { type JobKind, type JobPayload, type JobResult, jobDefinitions } from "@octet/shared/domain/job";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { z } from "zod";
import { ArtifactServer, hashOf, TEST_TOKEN } from "../../testing/artifact-server.ts";
import { testSettings } from "../../testing/test-settings.ts";
import { ArtifactClient } from "../artifacts.ts";
import { loadHandler } from "../handlers.ts";
import type { JobContext } from "../job-context.ts";

/** Faint ones are what a worse detector misses. */
const cell = (column: number, row: number, strength = 1) => ({ column, row, strength });
const scenes = [[cell(1, 1), cell(5, 2, 0.45)], [cell(3, 6), cell(6, 6), cell(1, 3, 0.45)], [], [cell(4, 4)]];

let home: string;
let server: ArtifactServer;
let model: ArtifactRef & { name: string };
let pictures: Record<string, Buffer>;
let runs = 0;

beforeAll(async () => {
  home = mkdtempSync(path.join(tmpdir(), "octet-handlers-"));
  mkdirSync(path.join(home, "media"));
  server = await ArtifactServer.start();
  model = { name: "red", ...server.add(redDetector()) };
  pictures = Object.fromEntries(
    await Promise.all(scenes.map(async (scene, index) => [`images/${index}.png`, await redPicture(scene)] as [string, Buffer])),
  );
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(home, { recursive: true, force: true });
});

function manifest(files: Record<string, Buffer | string>, more: Partial<DatasetManifest> = {}): ArtifactRef {
  const list = Object.entries(files).map(([name, content]) => ({ path: name, ...server.add(content) }));
  return server.add(JSON.stringify({ layout: "images", images: "images", groundTruth: null, files: list, ...more }));
}

/** As the job's process runs it, in this one. */
async function run<K extends JobKind>(
  kind: K,
  payload: z.input<(typeof jobDefinitions)[K]["payload"]>,
): Promise<{ result: JobResult<K>; stages: string[]; percents: number[] }> {
  const handler = await loadHandler(kind);
  const folder = path.join(home, "jobs", `${runs++}`);
  mkdirSync(folder, { recursive: true });
  const progress = new StagedProgress(handler.stages);
  const reports: { stage: string; percent: number }[] = [];
  const context: JobContext = {
    artifacts: await ArtifactClient.create({
      url: server.url,
      token: TEST_TOKEN,
      folder: path.join(home, "cache"),
      maxBytes: 1e9,
      retryMs: 1,
    }),
    folder,
    settings: testSettings({ url: server.url, home }),
    progress: (stage, done = 0, total = 0) => void reports.push(progress.report(stage, done, total)),
    log: () => {},
  };
  const parsed = jobDefinitions[kind].payload.parse(payload) as JobPayload<K>;
  const result = jobDefinitions[kind].result.parse(JSON.parse(JSON.stringify(await handler.run(parsed as never, context))));
  return {
    result: result as JobResult<K>,
    stages: [...new Set(reports.map(({ stage }) => stage))],
    percents: reports.map(({ percent }) => percent),
  };
}

const int8 = { precision: "int8-ptq", hostLatency: false, weightBits: 7 } as const;

describe("build", () => {
  it("gives the same bytes for the same inputs, with a report and what was chosen", async () => {
    const calibration = manifest(pictures);
    const { result: first, stages, percents } = await run("build", { model, options: int8, calibration });
    const { result: second } = await run("build", { model, options: int8, calibration });
    expect(second).toEqual(first);
    expect(first.summary).toMatchObject({
      precision: "int8-ptq",
      methodChosen: true,
      refinement: "feedback",
      weightBits: 7,
      calibrationImages: 4,
      hostDependent: [],
      sizeBytesBefore: model.sizeBytes,
    });
    expect(first.warnings).toEqual([expect.stringContaining("Only 4 calibration images")]);
    const bytes = server.files.get(first.artifact.sha256)!;
    expect(decodeModel(bytes).graph.nodes.some(({ opType }) => opType === "QuantizeLinear")).toBe(true);
    expect(JSON.parse(server.files.get(first.report!.sha256)!.toString())).toMatchObject({
      model: { name: "red.onnx" },
      tool: "octet test",
    });
    expect(server.files.get(first.reportPage!.sha256)!.toString()).toContain("<!doctype html>");
    expect(stages).toEqual(expect.arrayContaining(["fetching", "calibrating", "measuring sensitivity", "sending"]));
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
    expect(percents.at(-1)).toBe(100);

    // What was built is a Q/DQ model: it is taken for one that was trained so.
    const built = { name: "trained", ...first.artifact };
    const qat = await run("build", { model: built, options: { precision: "int8-qat", target: "tensorrt" }, calibration: null });
    expect(qat.result.artifact).toEqual(first.artifact);
    expect(qat.result.warnings.join("\n")).toContain("TensorRT");
  });

  it("halves a model", async () => {
    const { result } = await run("build", { model, options: { precision: "fp16" }, calibration: null });
    expect(result).toMatchObject({ report: null, reportPage: null, summary: { precision: "fp16", hostDependent: [] } });
    expect(server.files.get(result.artifact.sha256)!.includes("float16") || result.artifact.sizeBytes < model.sizeBytes).toBe(true);
  });

  it.each<[string, () => z.input<(typeof jobDefinitions)["build"]["payload"]>, string]>([
    [
      "text",
      () => ({ model: { name: "a", ...server.add("text\n".repeat(99)) }, options: int8, calibration: manifest(pictures) }),
      "MODEL_INVALID",
    ],
    ["no calibration set", () => ({ model, options: int8, calibration: null }), "CALIBRATION_EMPTY"],
    ["an empty calibration set", () => ({ model, options: int8, calibration: manifest({}) }), "CALIBRATION_EMPTY"],
    ["a picture that is none", () => ({ model, options: int8, calibration: manifest({ "images/a.jpg": "x" }) }), "DATASET_INVALID"],
    ["a float model as trained", () => ({ model, options: { precision: "int8-qat" }, calibration: null }), "MODEL_UNSUPPORTED"],
    [
      "a model that the server lost",
      () => ({ model: { ...model, sha256: "0".repeat(64) }, options: int8, calibration: null }),
      "NOT_FOUND",
    ],
  ])("refuses %s", async (_, payload, code) => {
    await expect(run("build", payload())).rejects.toMatchObject({ code });
  });
});

describe("validate", () => {
  const labelled = (): ArtifactRef =>
    manifest(
      { ...pictures, ...Object.fromEntries(scenes.map((scene, index) => [`labels/${index}.txt`, scene.map(redLabel).join("\n")])) },
      { layout: "yolo", groundTruth: "labels" },
    );
  /** Misses what is faint. */
  const worse = () => ({ name: "worse", ...server.add(redDetector({ bias: 11 })) });

  it("finds no difference between a model and itself", async () => {
    const { result } = await run("validate", { subject: model, reference: model, dataset: labelled() });
    expect(result.subject).toEqual(result.reference);
    expect(result.reference).toEqual({
      ap: { ap: 100, ap50: 100 },
      threshold: 0.5,
      precision: 100,
      recall: 100,
      missRate: 0,
      falsePositiveRate: 0,
      images: 4,
      faces: 6,
    });
    expect(result).toMatchObject({ keptPercent: 100, disagreements: [], pseudoLabels: false });
    expect(result.drop).toEqual({ ap: { points: 0, low: 0, high: 0 }, ap50: { points: 0, low: 0, high: 0 } });
  });

  it.each([false, true])("says what a worse model misses, how sure that is, and where (pseudo-labels: %s)", async (pseudoLabels) => {
    const dataset = pseudoLabels ? manifest(pictures) : labelled();
    const { result } = await run("validate", { subject: worse(), reference: model, dataset, pseudoLabels });
    expect(result.pseudoLabels).toBe(pseudoLabels);
    expect(result.reference).toMatchObject({ ap: { ap: 100 }, missRate: 0, faces: 6 });
    expect(result.subject.precision).toBe(100);
    expect(result.subject.missRate).toBeCloseTo(100 / 3, 6);
    expect(result.disagreements.map(({ path: name, disagreement }) => [name, disagreement])).toEqual([
      ["images/0.png", 1],
      ["images/1.png", 1],
    ]);
    const [first] = result.disagreements;
    expect(first!.sha256).toBe(hashOf(pictures["images/0.png"]!));
    expect(first!.reference).toHaveLength(2);
    expect(first!.subject).toEqual([{ x: 0.0625, y: 0.0625, w: 0.25, h: 0.25, score: expect.closeTo(1, 1) }]);
  });

  it("gives a drop with its interval where faint faces come last or never", async () => {
    const blind = { name: "blind", ...server.add(redDetector({ bias: 14 })) };
    const { result } = await run("validate", { subject: blind, reference: model, dataset: labelled() });
    const { points, low, high } = result.drop["ap50"]!;
    expect(points).toBeCloseTo(100 / 3, 0);
    expect(low).toBeLessThan(points);
    expect(high).toBeGreaterThan(points);
    expect(result.keptPercent).toBeCloseTo(100 - points, 6);
  });

  it.each<[string, () => ArtifactRef]>([
    ["without labels", () => manifest(pictures)],
    ["whose labels are missing", () => manifest(pictures, { layout: "yolo", groundTruth: "labels" })],
    ["in which no face is labelled", () => manifest({ ...pictures, "labels/0.txt": "" }, { layout: "yolo", groundTruth: "labels" })],
  ])("refuses a set %s", async (_, dataset) => {
    await expect(run("validate", { subject: model, reference: model, dataset: dataset() })).rejects.toMatchObject({
      code: "DATASET_INVALID",
    });
  });
});

describe("benchmark", () => {
  it("measures latency, memory, a reference in turns, and streams through the live path", async () => {
    const { result } = await run("benchmark", {
      subject: model,
      reference: model,
      batches: [1, 4],
      seconds: 0.2,
      streams: { count: 1, fps: 2, decode: false, budgetMs: 5000, soakSeconds: 2 },
    });
    expect(result.batches.map(({ batch }) => batch)).toEqual([1, 4]);
    const { latencyMs, imagesPerSecond } = result.batches[0]!;
    expect(latencyMs.p50).toBeGreaterThan(0);
    expect(latencyMs.p50).toBeLessThanOrEqual(latencyMs.p99);
    expect(imagesPerSecond).toBeGreaterThan(0);
    expect(result).toMatchObject({ provider: "cpu", threads: 1, modelBytes: model.sizeBytes, powerWatts: null, utilisationPercent: null });
    expect(result.peakMemoryBytes).toBeGreaterThan(20e6);
    expect(result.reference!.speedup).toBeGreaterThan(0);
    expect(result.streams).toMatchObject({ asked: 1, fps: 2, budgetMs: 5000, soak: { streams: 1, seconds: 2 } });
    expect(Math.min(...result.streams!.soak!.rssBytes)).toBeGreaterThan(50 << 20);
    for (const { streams, p50, p99 } of result.streams!.steps) expect(streams >= 1 && p50 > 0 && p50 <= p99).toBe(true);
  });

  it("says where there is nothing to decode", async () => {
    const streams = { count: 1, fps: 5, decode: true, budgetMs: 100, soakSeconds: 0 };
    await expect(run("benchmark", { subject: model, reference: null, seconds: 0.2, streams })).rejects.toMatchObject({
      code: "UNSUPPORTED",
    });
  });

  it("decodes pictures of the size that the profile asks for, and says so", async () => {
    await writeTestClip(path.join(home, "media", "yard.mp4"), 1);
    const streams = { count: 1, fps: 10, decode: true, decodeSize: { width: 160, height: 120 }, budgetMs: 5000, soakSeconds: 0 };
    const { result } = await run("benchmark", { subject: model, reference: null, seconds: 0.2, streams });
    expect(result.streams).toMatchObject({
      decode: true,
      clip: { width: 160, height: 120, codec: "h264", fps: 25, scaledFrom: { width: 320, height: 240 } },
    });
    expect(result.streams!.steps[0]!.p50).toBeGreaterThan(0);
  });
});

describe("import", () => {
  it("takes uploaded images, and sends what an archive held", async () => {
    const files = [
      { path: "a.png", ...server.add(pictures["images/0.png"]!) },
      { path: "notes.txt", ...server.add("text") },
    ];
    const { result } = await run("import", { layout: "images", images: null, groundTruth: null, files, archive: null });
    expect(result.images).toMatchObject([{ path: "images/a.png", sha256: files[0]!.sha256 }]);
    const bad = server.add("this is no archive");
    await expect(run("import", { layout: "images", images: null, groundTruth: null, files: [], archive: bad })).rejects.toMatchObject({
      code: "DATASET_INVALID",
    });
  });
});
