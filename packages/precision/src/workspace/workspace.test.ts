import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildOptionsSchema } from "@octet/shared/domain/profile";
import { afterAll, beforeAll, expect, it } from "vitest";
import { redDetector, redLabel, redPicture } from "../testing/red-detector.ts";
import { buildLocalProfile } from "./build-local-profile.ts";
import { collectLocalFrames } from "./collect-local-frames.ts";
import { findLocalVersion, listLocalVersions, removeLocalDataset } from "./dataset-store.ts";
import { importLocalDataset } from "./import-local-dataset.ts";
import { coverageOfLocal } from "./local-coverage.ts";
import { checkLocalName } from "./local-name.ts";
import { addLocalModel, findLocalModel, listLocalModels, removeLocalModel } from "./model-store.ts";
import { listLocalProfiles, readLocalProfile } from "./profile-file.ts";
import { benchmarkLocalProfile, rejectLocalProfile, validateLocalProfile } from "./prove-local-profile.ts";

const cell = (column: number, row: number, strength = 1) => ({ column, row, strength });
const scenes = [[cell(1, 1), cell(5, 2, 0.45)], [cell(3, 6), cell(6, 6), cell(1, 3, 0.45)], [], [cell(4, 4)]];
const tool = "octet test";
const quiet = { onProgress: () => {} };

let home: string;
let workspace: string;
let photos: string;
let labelled: string;
let model: string;

beforeAll(async () => {
  home = mkdtempSync(path.join(tmpdir(), "octet-workspace-"));
  workspace = path.join(home, "workspace");
  photos = path.join(home, "photos");
  labelled = path.join(home, "labelled");
  model = path.join(home, "red.onnx");
  for (const folder of [photos, path.join(labelled, "images"), path.join(labelled, "labels")]) mkdirSync(folder, { recursive: true });
  writeFileSync(model, redDetector());
  for (const [index, scene] of scenes.entries()) {
    const picture = await redPicture(scene);
    writeFileSync(path.join(photos, `${index}.png`), picture);
    writeFileSync(path.join(labelled, "images", `${index}.png`), picture);
    writeFileSync(path.join(labelled, "labels", `${index}.txt`), scene.map(redLabel).join("\n"));
  }
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const add = (name: string, file = model) => addLocalModel({ workspace, file, name, licence: "MIT", origin: "a test", notes: "", tool });
const importAs = (dataset: string, layout: "images" | "yolo", folder: string) =>
  importLocalDataset({
    ...{ workspace, dataset, layout, kind: layout === "images" ? "calibration" : "validation", paths: [folder] },
    ...{ images: null, groundTruth: null, ...quiet },
  });
const int8Quickly = { precision: "int8-ptq", hostLatency: false, refine: "none", mixedPrecision: "off" };
const build = (
  name: string | null,
  calibration: string | null = null,
  options: object = calibration ? int8Quickly : { precision: "fp16" },
) =>
  buildLocalProfile({
    ...{ workspace, model: "Red", name, calibration, trained: null, tool, ...quiet },
    options: buildOptionsSchema.parse(options),
  });

it("goes from a model to a proven profile", async () => {
  // What an interrupted process left is gone after the next write.
  const left = path.join(workspace, "tmp", "999999999-x");
  mkdirSync(left, { recursive: true });
  const { model: added, profile: float } = await add("Red");
  expect(existsSync(left)).toBe(false);
  expect(added).toMatchObject({ family: "yolov5-face", inputWidth: 64, licence: { name: "MIT", origin: "a test" } });
  expect(float).toMatchObject({ name: "Red FP32", precision: "fp32", state: "built", artifact: { sha256: added.sha256 } });
  expect(await add("Other name")).toMatchObject({ known: true, profile: null, model: { name: "Red" } });
  expect(await findLocalModel(workspace, added.sha256.slice(0, 10))).toEqual(added);

  const calibration = await importAs("photos", "images", photos);
  expect(calibration.version).toMatchObject({ dataset: "photos", version: 1, kind: "calibration", labels: 0 });
  const validation = await importAs("truth", "yolo", labelled);
  expect(validation.version).toMatchObject({ version: 1, kind: "validation", labels: 6 });
  // The same content is the same version.
  expect((await importAs("photos", "images", photos)).version.version).toBe(1);
  expect((await listLocalVersions(workspace)).map(({ dataset, version }) => `${dataset}@${version}`)).toEqual(["photos@1", "truth@1"]);
  const { coverage, leaks, warnings } = await coverageOfLocal(workspace, calibration.version);
  expect(coverage.images).toBe(calibration.version.images.length);
  expect(warnings[0]).toContain("are few");
  expect(leaks).toMatchObject([{ dataset: "truth", version: 1, images: calibration.version.images.map(({ path: file }) => file) }]);

  const half = await build(null);
  expect(half).toMatchObject({ name: "Red FP16", precision: "fp16", state: "built", model: { sha256: added.sha256 }, report: null });
  expect(half).toMatchObject({ calibration: null, summary: { ranges: null }, warnings: [expect.stringContaining("65504")] });
  const observed = await build("Red seen", "photos", { precision: "fp16" });
  expect(observed).toMatchObject({
    calibration: { dataset: "photos", version: 1 },
    summary: { ranges: { images: calibration.version.images.length, largest: expect.any(Number) } },
    warnings: [expect.stringContaining("calibration images")],
  });
  const int8 = await build("Red small", "photos@1");
  expect(int8).toMatchObject({
    precision: "int8-ptq",
    calibration: { dataset: "photos", version: 1, sha256: calibration.version.manifest.sha256 },
  });
  expect(readdirSync(path.join(workspace, "profiles", "Red small")).sort()).toEqual([
    "model.onnx",
    "profile.json",
    "report.html",
    "report.json",
  ]);
  expect(int8.warnings.join()).toContain("calibration images");
  await expect(build("Red slow", "photos@1", { precision: "int8-ptq", refine: "none", maxLatencyMs: 60_000 })).rejects.toMatchObject({
    code: "UNSUPPORTED",
    message: expect.stringContaining("FP32 keeps within 60000 ms"),
  });
  // What was built is a Q/DQ model: it is taken for one that was trained so; a float one is not.
  const trained = (file: string) =>
    buildLocalProfile({
      ...{ workspace, model: "Red", name: "Red trained", calibration: null, trained: file, tool, ...quiet },
      options: buildOptionsSchema.parse({ precision: "int8-qat" }),
    });
  await expect(trained(model)).rejects.toMatchObject({ code: "MODEL_UNSUPPORTED" });
  const qat = await trained(path.join(workspace, "profiles", "Red small", "model.onnx"));
  expect(qat).toMatchObject({ precision: "int8-qat", artifact: int8.artifact, model: { sha256: added.sha256 } });

  const proof = { workspace, profile: "Red FP16", tool, provider: "cpu", threads: 1, ...quiet } as const;
  const validated = await validateLocalProfile({ ...proof, dataset: "truth", threshold: 0.5 });
  expect(validated).toMatchObject({
    state: "validated",
    validation: { dataset: { dataset: "truth", version: 1 }, threshold: 0.5, result: { pseudoLabels: false, reference: { faces: 6 } } },
  });
  expect(validated.validation!.result.keptPercent).toBeGreaterThan(99);
  const pseudo = await validateLocalProfile({ ...proof, dataset: "photos", threshold: 0.5 });
  expect(pseudo.validation).toMatchObject({ dataset: { dataset: "photos" }, result: { pseudoLabels: true, calibratedOn: null } });
  const own = await validateLocalProfile({ ...proof, profile: "Red small", dataset: "photos", threshold: 0.5 });
  expect(own.validation!.result.calibratedOn).toBe(calibration.version.images.length);
  const measured = await benchmarkLocalProfile({
    ...proof,
    ...{ batches: [1], seconds: 0.2, streams: null, mediaThreads: 1, mediaRoot: home, clipCache: home, clipAsItIs: false, log: () => {} },
  });
  expect(measured).toMatchObject({ state: "benchmarked", benchmark: { reference: { sha256: added.sha256 }, result: { provider: "cpu" } } });
  expect(await readLocalProfile(workspace, "Red FP16")).toEqual(measured);
  expect((await rejectLocalProfile(workspace, "Red small", "too small")).reason).toBe("too small");
  expect((await listLocalProfiles(workspace)).map(({ name, state }) => [name, state])).toEqual([
    ["Red FP32", "built"],
    ["Red FP16", "benchmarked"],
    ["Red seen", "built"],
    ["Red small", "rejected"],
    ["Red trained", "built"],
  ]);
  expect(readdirSync(path.join(workspace, "tmp"))).toEqual([]);
});

it("refuses what cannot be, and leaves nothing half-written", async () => {
  const before = () => [...readdirSync(path.join(workspace, "profiles")), ...readdirSync(path.join(workspace, "datasets"))];
  const there = before();
  writeFileSync(path.join(home, "text.onnx"), "this is no model\n".repeat(100));
  await expect(add("Text", path.join(home, "text.onnx"))).rejects.toMatchObject({ code: "MODEL_INVALID" });
  writeFileSync(path.join(home, "other.onnx"), redDetector({ bias: 7 }));
  await expect(add("Red", path.join(home, "other.onnx"))).rejects.toMatchObject({ code: "CONFLICT" });
  await expect(add("../out", path.join(home, "other.onnx"))).rejects.toMatchObject({ code: "BAD_INPUT" });
  await expect(build("Red FP16")).rejects.toMatchObject({ code: "CONFLICT" });
  await expect(build("New", "nowhere")).rejects.toMatchObject({ code: "NOT_FOUND", hint: expect.stringContaining("photos") });
  await expect(removeLocalModel(workspace, "Red")).rejects.toMatchObject({ code: "CONFLICT" });
  await expect(removeLocalDataset(workspace, "photos")).rejects.toMatchObject({
    code: "CONFLICT",
    message: expect.stringContaining("Red small"),
  });
  await expect(removeLocalDataset(workspace, "photo")).rejects.toMatchObject({
    code: "NOT_FOUND",
    hint: expect.stringContaining("photos"),
  });
  await expect(removeLocalDataset(workspace, "truth@1")).rejects.toMatchObject({ code: "BAD_INPUT" });
  await expect(importAs("photos", "yolo", labelled)).rejects.toMatchObject({ code: "CONFLICT" });
  writeFileSync(path.join(home, "set.zip"), "no archive");
  await expect(importAs("zip", "images", path.join(home, "set.zip"))).rejects.toMatchObject({ code: "DATASET_INVALID" });
  await expect(rejectLocalProfile(workspace, "Red small", "again")).rejects.toMatchObject({ code: "CONFLICT" });
  await expect(readLocalProfile(workspace, "None")).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(findLocalVersion(workspace, "photos@9")).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect(before()).toEqual(there);
  expect(readdirSync(path.join(workspace, "tmp"))).toEqual([]);
});

it("collects frames of a stream, none of which looks like another, with where and when", async () => {
  const { version, seen } = await collectLocalFrames({
    ...{
      workspace,
      dataset: "frames",
      model,
      threads: 1,
      everySeconds: 0.2,
      forSeconds: 20,
      maxImages: 3,
      faces: "any",
      spread: "none",
      minHashDistance: 0,
    },
    sources: [
      { id: "door", url: "synthetic:faces?size=320x240&fps=25&seed=1", mediaRoot: home, shown: "synthetic", clip: false, transport: "tcp" },
    ],
    ...{ signal: new AbortController().signal, onProgress: () => {}, log: () => {} },
  });
  expect(seen).toBe(3);
  expect(version.images.map(({ width, height, cameraId }) => [width, height, cameraId])).toEqual(Array(3).fill([320, 240, "door"]));
  const { images, manifest } = await findLocalVersion(workspace, "frames");
  expect(manifest.files.map(({ path: file }) => file)).toEqual(version.images.map(({ path: file }) => file).sort());
  expect(readFileSync(path.join(path.dirname(images), manifest.files[0]!.path)).subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
});

it("removes a data set that no profile was calibrated with", async () => {
  expect(await removeLocalDataset(workspace, "truth")).toEqual({ name: "truth", versions: 1 });
  expect(readdirSync(path.join(workspace, "datasets"))).toEqual(["frames", "photos"]);
  expect(readdirSync(path.join(workspace, "tmp"))).toEqual([]);
});

it("removes a model that nothing was made of", async () => {
  const { model: other } = await add("Other", path.join(home, "other.onnx"));
  await removeLocalModel(workspace, "Other");
  expect((await listLocalModels(workspace)).map(({ name }) => name)).toEqual(["Red"]);
  expect(existsSync(path.join(workspace, "models", `${other.sha256}.onnx`))).toBe(false);
  expect((await listLocalProfiles(workspace)).some(({ name }) => name === "Other FP32")).toBe(false);
});

it.each(["a/b", "..", ".x", "x.", "a\\b", "", " ", "a".repeat(121), "a:b"])("takes %j for no name", (name) => {
  expect(() => checkLocalName(name)).toThrow();
});
