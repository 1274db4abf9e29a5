import { copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { defaultModelPath } from "@octet/inference/builtin-models";
import { decodeModel } from "@octet/onnx/io/decode-model";
import { writeModelFile } from "@octet/onnx/io/model-file";
import { addInput, addOp, addOutput, floatTensor, newModel } from "@octet/onnx/testing/build-graph";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Conversion } from "@octet/precision/convert/convert-model";
import { observeRanges } from "@octet/precision/convert/observe-ranges";
import { readEnv } from "./env.ts";
import { Output } from "./output/output.ts";
import { buildProgram } from "./program.ts";

const photo = path.join(path.dirname(createRequire(import.meta.url).resolve("@vladmandic/face-api/package.json")), "demo/sample5.jpg");

describe("octet convert", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "octet-convert-"));
    await mkdir(path.join(folder, "images"));
    await copyFile(photo, path.join(folder, "images/five.jpg"));
  });
  afterAll(() => rm(folder, { recursive: true }));
  afterEach(() => vi.restoreAllMocks());

  /** Runs a command in this process, in the folder as far as paths that begin with a dot go; what it throws is the caller's. */
  async function octet(...args: string[]): Promise<{ code: number; text: string }> {
    let text = "";
    let code = -1;
    vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
      text += String(chunk);
      return true;
    });
    const program = buildProgram({
      output: new Output(args.includes("--json")),
      env: readEnv,
      action:
        (body) =>
        async (...parameters) => {
          code = await body(...parameters);
        },
    });
    const placed = args.map((each) => (each.startsWith("./") ? path.join(folder, each) : each));
    await program.parseAsync(placed, { from: "user" }).finally(() => vi.restoreAllMocks());
    return { code, text };
  }
  const convert = (...args: string[]) => octet("convert", ...args, "--to", "fp16");
  const floatsOf = async (file: string) => {
    const { graph } = decodeModel(await readFile(path.join(folder, file)));
    return {
      graph,
      types: new Set([...graph.initializers.values()].map(({ dataType }) => dataType).filter((type) => type.startsWith("float"))),
    };
  };

  it("halves the default model, leaves its border in float32, and it finds the same faces", async () => {
    const { code, text } = await convert("default", "--out", "./half.onnx", "--ranges-from", "./images", "--json");
    expect(code).toBe(0);
    const { converted, kept, sizeBytes, sizeBytesBefore, ranges } = JSON.parse(text) as Conversion;
    expect(sizeBytesBefore).toBe((await stat(defaultModelPath())).size);
    expect(sizeBytes).toBe((await stat(path.join(folder, "half.onnx"))).size);
    expect(sizeBytes / sizeBytesBefore).toBeLessThan(0.6);
    expect(converted).toBeGreaterThan(50);
    expect(kept.every(({ reason }) => reason !== "")).toBe(true);
    // The pixels, which this model takes as they are, reach further than 200.
    expect(ranges).toMatchObject({ images: 1 });
    expect(ranges!.largest).toBeGreaterThan(200);
    const { graph } = await floatsOf("half.onnx");
    expect([...graph.inputs, ...graph.outputs].every(({ dataType }) => dataType === "float32")).toBe(true);
    const found = JSON.parse((await octet("detect", "./half.onnx", photo, "--json")).text) as { frames: { detections: unknown[] }[] };
    expect(found.frames[0]!.detections).toHaveLength(5);
    await expect(convert("./half.onnx", "--out", "./again.onnx")).rejects.toMatchObject({
      code: "BAD_INPUT",
      message: expect.stringContaining("nothing in float32"),
    });
  });

  it("says in text what stays float32 and why, by operator and by name", async () => {
    const model = newModel();
    addInput(model, "x", [1, 2]);
    model.graph.addInitializer(floatTensor("w", [2], [1, 2]));
    model.graph.addInitializer(floatTensor("huge", [2], [1e9, 2]));
    for (const [opType, inputs, output] of [
      ["Add", ["x", "w"], "sum"],
      ["Mul", ["sum", "huge"], "product"],
      ["Tanh", ["product"], "bent"],
      ["Abs", ["bent"], "y"],
    ] as const)
      addOp(model, opType, [...inputs], output);
    addOutput(model, "y");
    await writeModelFile(model, path.join(folder, "small.onnx"));
    const { code, text } = await convert("./small.onnx", "--out", "./kept.onnx", "--keep", "Tanh", "node_y");
    expect(code).toBe(0);
    expect(text).toContain("1 node in float16, 3 in float32");
    expect(text).toMatch(/Mul +1 +node_product +constant "huge" holds 1000000000/);
    expect(text).toMatch(/Tanh +1 +node_bent +blocked operator/);
    expect(text).toMatch(/Abs +1 +node_y +named by the caller/);
    expect((await floatsOf("kept.onnx")).types).toEqual(new Set(["float16", "float32"]));
  });

  it.each<[string, string[], string]>([
    ["a missing model", ["./none.onnx", "--out", "./o.onnx"], "MODEL_NOT_FOUND"],
    ["a picture as model", [photo, "--out", "./o.onnx"], "MODEL_INVALID"],
    ["the model's own name for the result", ["./own.onnx", "--out", "./own.onnx"], "BAD_INPUT"],
    ["a folder that is not there", ["./own.onnx", "--out", "./none/o.onnx"], "BAD_INPUT"],
    ["an operator that the model does not have", ["./own.onnx", "--out", "./o.onnx", "--keep", "Erf"], "BAD_INPUT"],
    ["a folder without images", ["./own.onnx", "--out", "./o.onnx", "--ranges-from", "./empty"], "DATASET_INVALID"],
    ["no result to be written", ["./own.onnx"], "commander.missingMandatoryOptionValue"],
  ])("refuses %s and writes nothing", async (_, args, code) => {
    await copyFile(defaultModelPath(), path.join(folder, "own.onnx"));
    await mkdir(path.join(folder, "empty"), { recursive: true });
    await expect(convert(...args)).rejects.toMatchObject({ code });
    await expect(stat(path.join(folder, "o.onnx"))).rejects.toThrow();
  });
});

describe("observeRanges", () => {
  it("gives a value that was infinite or NaN no bounds", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "octet-ranges-"));
    try {
      const image = path.join(folder, "image.jpg");
      await writeFile(image, await readFile(photo));
      const model = newModel();
      addInput(model, "x", [1, 3, 8, 8]);
      model.graph.addInitializer(floatTensor("zero", [], [0]));
      addOp(model, "Div", ["x", "zero"], "infinite");
      addOp(model, "Mul", ["infinite", "zero"], "nan");
      addOp(model, "Neg", ["x"], "y");
      addOutput(model, "y");
      const input = {
        name: "x",
        width: 8,
        height: 8,
        maxBatch: 1,
        channels: "rgb",
        resize: "stretch",
        padValue: 0,
        mean: 0,
        scale: 1,
      } as const;
      const ranges = await observeRanges(model, input, [image], () => {});
      const { min, max } = ranges.get("x")!;
      expect([min >= 0, max <= 255, max > min]).toEqual([true, true, true]);
      expect(ranges.get("y")).toEqual({ min: -max, max: -min });
      const unbounded = { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };
      expect([ranges.get("infinite"), ranges.get("nan")]).toEqual([unbounded, unbounded]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
