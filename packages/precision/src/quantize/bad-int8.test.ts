// What the gate is for: an INT8 that nobody should run is stopped, and the reason is said.
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { defaultModelPath } from "@octet/inference/builtin-models";
import { judgeByGate } from "@octet/shared/domain/gate";
import { buildOptionsSchema, gateSchema } from "@octet/shared/domain/profile";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { validateModel } from "../validate/validate-model.ts";
import { buildProfile } from "../build/build-profile.ts";
import { quantizeFile } from "./quantize-file.ts";

const photos = path.join(path.dirname(createRequire(import.meta.url).resolve("@vladmandic/face-api/package.json")), "demo");
const photo = (number: number) => path.join(photos, `sample${number}.jpg`);

let folder: string;
/** What a covered lens sees. Ranges of it clip all that a face makes, on any CPU: how much 8-bit weights lose depends on its kernels. */
let covered: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "octet-bad-int8-"));
  covered = path.join(folder, "covered.png");
  await sharp({ create: { width: 640, height: 480, channels: 3, background: "#404040" } })
    .png()
    .toFile(covered);
});
afterAll(() => rm(folder, { recursive: true }));

const quantise = (model: string, out: string) =>
  quantizeFile({
    model,
    out: path.join(folder, out),
    images: [covered],
    target: "onnxruntime",
    method: "minmax",
    refine: "none",
    weightBits: 8,
    quantizeHeads: true,
    byLatency: false,
    half: false,
    judge: null,
    maxDrop: null,
    minSqnrDb: null,
    analyse: false,
    tool: "test",
    createdAt: "",
    onProgress: () => {},
  });

describe("an INT8 that was calibrated, by min-max, on a covered lens", () => {
  it("is stopped by the gate for what it loses", async () => {
    const { report } = await quantise(defaultModelPath(), "bad.onnx");
    expect(report.layers.some(({ reason }) => reason === "head")).toBe(false);
    const validation = await validateModel({
      subject: path.join(folder, "bad.onnx"),
      reference: defaultModelPath(),
      layout: "images",
      images: photos,
      groundTruth: null,
      threshold: 0.5,
      pseudoLabels: true,
      threads: 1,
      imageOf: (file) => ({ path: path.basename(file), sha256: "0".repeat(64) }),
      onProgress: () => {},
    });
    const { passed, findings } = judgeByGate({ precision: "int8-ptq", validation, benchmark: null }, gateSchema.parse({}));
    expect(passed).toBe(false);
    const drop = findings.find(({ check }) => check === "accuracy-drop")!;
    expect(drop.passed).toBe(false);
    expect(drop.measured).toBeGreaterThan(1);
    expect(drop.message).toMatch(/^Loses [\d.]+ points of .+ \(against pseudo-labels\); at most 1 may go$/);
  });

  it("is not quantised once more", async () => {
    await expect(quantise(path.join(folder, "bad.onnx"), "twice.onnx")).rejects.toMatchObject({
      code: "MODEL_UNSUPPORTED",
      hint: expect.stringContaining("cannot be quantised again"),
    });
  });

  it("is not to be had for TensorRT, which keeps heads in float", async () => {
    const options = buildOptionsSchema.parse({ precision: "int8-ptq", target: "tensorrt", heads: "int8" });
    const build = buildProfile({
      model: defaultModelPath(),
      out: path.join(folder, "none.onnx"),
      options,
      images: [photo(1)],
      tool: "test",
      onProgress: () => {},
    });
    await expect(build).rejects.toMatchObject({ code: "UNSUPPORTED" });
  });
});
