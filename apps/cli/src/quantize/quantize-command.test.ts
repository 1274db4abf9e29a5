import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { defaultModelPath } from "@octet/inference/builtin-models";
import { readModelFile, writeModelFile } from "@octet/onnx/io/model-file";
import { decodeModel } from "@octet/onnx/io/decode-model";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CommandContext } from "../context.ts";
import { Output } from "../output/output.ts";
import { runOctetHere } from "../testing/run-octet.ts";
import { type QuantizeCommandOptions, runQuantize } from "./run-quantize.ts";

const photos = join(dirname(createRequire(import.meta.url).resolve("@vladmandic/face-api/package.json")), "demo");
const photo = join(photos, "sample5.jpg");

/** Where the five people's faces are, as seen by eye: centres as fractions of the picture, from left to right. */
const faces = [
  [0.24, 0.73],
  [0.36, 0.4],
  [0.45, 0.15],
  [0.61, 0.21],
  [0.78, 0.38],
] as const;

/** Centres as fractions of the picture, from left to right. */
function centresOf(document: Record<string, unknown>): [number, number][] {
  const { frames } = document as { frames: { detections: { box: { x: number; y: number; w: number; h: number } }[] }[] };
  return frames[0]!.detections.map(({ box }): [number, number] => [box.x + box.w / 2, box.y + box.h / 2]).sort((a, b) => a[0] - b[0]);
}

describe("octet quantize", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "octet-cli-"));
    await mkdir(join(folder, "images"));
    await mkdir(join(folder, "empty"));
    for (const name of ["sample1.jpg", "sample5.jpg"]) await copyFile(join(photos, name), join(folder, "images", name));
    await writeFile(join(folder, "text.onnx"), "this is no model\n".repeat(100));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const octet = (...args: string[]) => runOctetHere([...args, "--json"], { cwd: folder });
  const quantize = (model: string, calibration: string, ...more: string[]) =>
    octet(
      "quantize",
      model,
      "--calibration",
      calibration,
      "--out",
      "int8.onnx",
      "--refine",
      "none",
      "--mixed-precision",
      "off",
      "--no-host-latency",
      ...more,
    );

  it("writes an INT8 detector that finds the faces of a photo", async () => {
    const ran = await quantize("default", "images", "--samples", "2");
    expect(ran.code, ran.stderr).toBe(0);
    const document = ran.json() as {
      sizeBytes: number;
      sizeBytesBefore: number;
      headSqnrDb: number;
      layers: Record<string, number>;
      warnings: string[];
    };
    expect(document).toMatchObject({ target: "onnxruntime", refinement: "none", calibrationImages: 2, accuracy: null, search: null });
    expect(document.warnings).toEqual([expect.stringContaining("Only 2 calibration images")]);
    expect(document.headSqnrDb).toBeGreaterThan(10);
    expect(document.layers["int8"]).toBeGreaterThan(20);
    expect(document.layers["float: head"]).toBeGreaterThan(2);
    const bytes = await readFile(join(folder, "int8.onnx"));
    expect(bytes.length).toBe(document.sizeBytes);
    expect(document.sizeBytes).toBeLessThan(document.sizeBytesBefore / 1.5);
    expect(decodeModel(bytes).graph.nodes.filter(({ opType }) => opType === "QuantizeLinear").length).toBeGreaterThan(20);
    // Nothing half-written is left beside the file.
    expect((await readdir(folder)).filter((name) => name.startsWith(".octet"))).toEqual([]);

    const detected = (await octet("detect", "int8.onnx", photo)).json();
    expect(detected).toMatchObject({ model: { precision: "int8", family: "retinaface" } });
    const found = centresOf(detected);
    expect(found).toHaveLength(faces.length);
    for (const [at, [x, y]] of faces.entries()) {
      expect(Math.abs(found[at]![0] - x)).toBeLessThan(0.03);
      expect(Math.abs(found[at]![1] - y)).toBeLessThan(0.03);
    }
  }, 120_000);

  it("quantises a model that it does not know, fed as is said, and judges it by what it gives", async () => {
    const model = await readModelFile(defaultModelPath());
    model.graph.outputs.length = 3;
    await writeModelFile(model, join(folder, "unknown.onnx"));
    const ran = await quantize("unknown.onnx", "images", "--samples", "2", "--input-range", "0:255");
    expect(ran.code, ran.stderr).toBe(0);
    const document = ran.json() as {
      headSqnrDb: number;
      detectionSqnrDb: number | null;
      layers: Record<string, number>;
      warnings: string[];
    };
    expect(document.detectionSqnrDb).toBeNull();
    expect(document.headSqnrDb).toBeGreaterThan(10);
    expect(document.layers["int8"]).toBeGreaterThan(20);
    expect(document.warnings).toContainEqual(
      expect.stringContaining("fed RGB from 0 to 255 at 640×640 (letterbox), and judged by what it gives"),
    );
    const compared = await octet("compare", "unknown.onnx", "int8.onnx", "--images", "images", "--samples", "1", "--input-range", "0:255");
    expect(compared.code, compared.stderr).toBe(0);
    const { outputs, detections } = compared.json() as { outputs: { sqnrDb: number }[]; detections: unknown };
    expect(detections).toBeNull();
    for (const { sqnrDb } of outputs) expect(sqnrDb).toBeGreaterThan(10);
  }, 120_000);

  it.each([
    // Whatever the host: the float model takes less, and no integers so little.
    ["as much float as fits into it", "60000", 0, 0, "keeps within 60000 ms already"],
    ["all that it can where nothing does", "0.001", 1, 1, "takes 0.001 ms or less"],
  ])(
    "keeps to a latency budget: %s",
    async (_, budget, code, leastInteger, warning) => {
      const ran = await octet(
        ...["quantize", "default", "--calibration", "images", "--samples", "2", "--out", "budget.onnx"],
        ...["--refine", "none", "--equalize", "layers", "--max-latency", budget],
      );
      expect(ran.code, ran.stderr).toBe(code);
      const document = ran.json() as { search: { met: boolean }; layers: Record<string, number>; warnings: string[]; headSqnrDb: number };
      expect(document.search.met).toBe(code === 0);
      expect(document.warnings).toContainEqual(expect.stringContaining(warning));
      const integer = document.layers["int8"] ?? 0;
      if (leastInteger === 0) expect(integer).toBe(0);
      else expect(integer).toBeGreaterThanOrEqual(leastInteger);
      expect(document.headSqnrDb).toBeGreaterThan(10);
    },
    120_000,
  );

  it.each([
    ["of a known detector", ["default", "images", "--input-range", "0:1"], "BAD_INPUT", "Octet knows how"],
    ["against the model", ["unknown.onnx", "images", "--input-size", "320x320"], "BAD_INPUT", "takes 640×640"],
    ["that is no range", ["unknown.onnx", "images", "--input-range", "255"], "BAD_INPUT", "two numbers"],
  ])("refuses what is said of the input %s", async (_, [model, images, ...more], code, message) => {
    const ran = await quantize(model!, images!, ...more);
    expect(ran.code).toBe(2);
    expect(ran.json()).toMatchObject({ error: { code, message: expect.stringContaining(message) } });
  });

  it("says with exit 2 and one document what is wrong", async () => {
    const ran = await quantize("text.onnx", "images");
    expect(ran.code).toBe(2);
    expect(ran.json()).toMatchObject({ error: { code: "MODEL_INVALID", message: expect.stringContaining("text.onnx") } });
  });

  it.each<[string, Partial<QuantizeCommandOptions> & { model?: string }, string]>([
    ["an empty folder", { calibration: "empty" }, "DATASET_INVALID"],
    ["a folder that is not there", { calibration: "none" }, "DATASET_INVALID"],
    ["a missing model", { model: "none.onnx" }, "MODEL_NOT_FOUND"],
    ["a budget without a data set", { maxDrop: 0.5 }, "BAD_INPUT"],
    ["a budget that nothing may be done for", { maxDrop: 0.5, dataset: "a", groundTruth: "b", mixedPrecision: "off" }, "BAD_INPUT"],
    ["a latency budget that is not of this host", { maxLatency: 10, hostLatency: true, target: "tensorrt" }, "BAD_INPUT"],
    ["a latency budget that is not measured", { maxLatency: 10 }, "BAD_INPUT"],
    ["two budgets", { maxLatency: 10, hostLatency: true, maxDrop: 0.5, dataset: "a", groundTruth: "b" }, "BAD_INPUT"],
    ["a data set without its labels", { dataset: "images" }, "BAD_INPUT"],
    ["labels without their data set", { groundTruth: "images" }, "BAD_INPUT"],
    ["half precision for ONNX Runtime", { half: true }, "BAD_INPUT"],
  ])("refuses %s", async (_, { model = "default", calibration = "images", ...more }, code) => {
    const context: CommandContext = {
      output: new Output(true),
      env: () => {
        throw new Error("no server is needed");
      },
      action: () => async () => {},
    };
    const options: QuantizeCommandOptions = {
      calibration: join(folder, calibration),
      out: join(folder, "refused.onnx"),
      target: "onnxruntime",
      samples: 2,
      refine: "none",
      equalize: "activations",
      weightBits: "auto",
      hostLatency: false,
      half: false,
      mixedPrecision: "auto",
      format: "wider",
      ...more,
    };
    const path = model === "default" ? model : join(folder, model);
    await expect(runQuantize(context, path, options)).rejects.toMatchObject({ code, hint: expect.stringMatching(/./) });
    expect(await readdir(folder)).not.toContain("refused.onnx");
  });
});
