import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Graph } from "../ir/graph.ts";
import type { Model } from "../ir/model.ts";
import { addInput, addOp, addOutput, floatTensor, intTensor, newModel } from "../testing/build-graph.ts";
import { detectorFiles } from "../testing/detectors.ts";
import { randomInput, runModel, worstDifference } from "../testing/run-model.ts";
import { decodeModel } from "./decode-model.ts";
import { encodeModel } from "./encode-model.ts";
import { readModelFile, writeModelFile } from "./model-file.ts";

/** One of everything that the typed part knows. */
function richModel(): Model {
  const model = newModel();
  Object.assign(model, { producerVersion: "1.2", domain: "org.example", modelVersion: -3n, docString: "Ein Modell 🙂" });
  model.opsets.set("com.microsoft", 1);
  model.metadata.set("licence", "MIT").set("empty", "");
  addInput(model, "x", ["batch", 3, null, 8]);
  addOp(model, "Conv", ["x", "w", ""], "y", { pads: [1, 1, 1, 1], auto_pad: "NOTSET", group: 1 });
  const node = model.graph.nodes[0]!;
  const inner = new Graph();
  inner.name = "inner";
  inner.outputs.push({ name: "y", dataType: "float32", shape: null });
  node.docString = "with a note";
  node.attributes.set("f", { type: "float", value: 0.5 }).set("fs", { type: "floats", value: [-1, Number.POSITIVE_INFINITY] });
  node.attributes.set("ss", { type: "strings", value: ["", "é"] }).set("none", { type: "ints", value: [] });
  node.attributes.set("t", { type: "tensor", value: intTensor("", [2], [-1, 9]) });
  node.attributes.set("ts", { type: "tensors", value: [floatTensor("a", [], [1])] });
  node.attributes.set("g", { type: "graph", value: inner }).set("gs", { type: "graphs", value: [new Graph()] });
  node.attributes.set("i", { type: "int", value: -(2n ** 63n), docString: "lowest" });
  model.graph.addInitializer({ ...floatTensor("w", [2, 3, 3, 3], (at) => at / 7), docString: "weights" });
  model.graph.valueInfo.set("y", { name: "y", dataType: "float32", shape: [], docString: "d" });
  model.graph.docString = "graph";
  addOutput(model, "y", [1, 2, 3, -1]);
  return model;
}

const settled = (model: Model): Model => {
  model.graph.changed();
  return model;
};

describe("round trip", () => {
  it("gives an equal model", () => {
    const model = richModel();
    const bytes = encodeModel(model);
    expect(settled(decodeModel(bytes))).toEqual(settled(model));
    expect(encodeModel(decodeModel(bytes))).toEqual(bytes);
  });

  it("keeps what the model does not express", () => {
    const writer = new BinaryWriter();
    const unknown = (field: number, text: string) => {
      const own = new BinaryWriter();
      own.tag(field, WireType.LengthDelimited).string(text);
      return own.finish();
    };
    const sequence = new BinaryWriter();
    // ValueInfoProto s: sequence of float32
    sequence.tag(1, WireType.LengthDelimited).string("s").tag(2, WireType.LengthDelimited).fork();
    sequence.tag(4, WireType.LengthDelimited).fork().tag(1, WireType.LengthDelimited).fork();
    sequence.tag(1, WireType.LengthDelimited).fork().tag(1, WireType.Varint).int32(1).join().join().join().join();
    writer.raw(unknown(900, "model"));
    writer.tag(1, WireType.Varint).int64(8).tag(7, WireType.LengthDelimited).fork();
    writer.raw(unknown(901, "graph"));
    writer.tag(1, WireType.LengthDelimited).fork().tag(4, WireType.LengthDelimited).string("Relu").raw(unknown(902, "node"));
    writer
      .tag(5, WireType.LengthDelimited)
      .fork()
      .tag(1, WireType.LengthDelimited)
      .string("ref")
      .tag(21, WireType.LengthDelimited)
      .string("outer")
      .join();
    writer.join();
    writer.tag(11, WireType.LengthDelimited).bytes(sequence.finish());
    writer.join();
    const model = decodeModel(writer.finish());
    const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString("latin1");
    expect(text(model.raw)).toContain("model");
    expect(text(model.graph.raw)).toContain("graph");
    expect(text(model.graph.nodes[0]!.raw)).toContain("node");
    expect(model.graph.nodes[0]!.attributes.get("ref")?.type).toBe("raw");
    expect(model.graph.inputs[0]).toMatchObject({ name: "s", dataType: null, shape: null });
    expect(settled(decodeModel(encodeModel(model)))).toEqual(settled(model));
  });

  it("writes a changed shape, although the value came with more than its type", () => {
    const model = newModel();
    addInput(model, "x", [1, 2]);
    addOp(model, "Relu", ["x"], "y");
    addOutput(model, "y");
    const input = new BinaryWriter();
    // dim_value 1 with a denotation
    input.tag(1, WireType.LengthDelimited).string("x").tag(2, WireType.LengthDelimited).fork().tag(1, WireType.LengthDelimited).fork();
    input.tag(1, WireType.Varint).int32(1).tag(2, WireType.LengthDelimited).fork().tag(1, WireType.LengthDelimited).fork();
    input.tag(1, WireType.Varint).int64(1).tag(3, WireType.LengthDelimited).string("DATA_BATCH").join().join().join().join();
    model.graph.inputs[0] = { name: "x", dataType: "float32", shape: [1], raw: input.finish() };
    expect(decodeModel(encodeModel(model)).graph.inputs[0]!.raw).toBeDefined();
    model.graph.inputs[0]!.shape = ["batch"];
    expect(decodeModel(encodeModel(model)).graph.inputs[0]).toEqual({ name: "x", dataType: "float32", shape: ["batch"] });
  });

  it.each([
    ["nothing", new Uint8Array(0)],
    ["text", Buffer.from("this is no model, but some text that goes on for a while")],
    ["zeros", new Uint8Array(100)],
    ["a JPEG's beginning", Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16, 74, 70, 73, 70)],
  ])("refuses %s", (_what, bytes) => {
    expect(() => decodeModel(bytes)).toThrow(expect.objectContaining({ code: "MODEL_INVALID", hint: expect.any(String) }));
  });

  it("refuses graphs that are nested without end, and more parts than the limit", () => {
    let graph = new Graph();
    for (let depth = 0; depth < 20; depth++) {
      const outer = new Graph();
      outer.addNode({ opType: "If", inputs: [], outputs: [], attributes: new Map([["then_branch", { type: "graph", value: graph }]]) });
      graph = outer;
    }
    const bytes = encodeModel({ ...newModel(), graph });
    expect(() => decodeModel(bytes)).toThrow(/nested/);
    expect(() => decodeModel(encodeModel(richModel()), { limits: { parts: 10 } })).toThrow(/more than 10/);
  });
});

describe("external data", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "octet-onnx-"));
    await mkdir(path.join(folder, "models"));
    await writeFile(path.join(folder, "secret.bin"), new Uint8Array(4096));
    await symlink(path.join(folder, "secret.bin"), path.join(folder, "models", "link.bin"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const file = (name: string) => path.join(folder, "models", name);

  it("is written beside the model and read again", async () => {
    const model = richModel();
    await writeModelFile(model, file("m.onnx"), { externalData: { file: "m.data", thresholdBytes: 100 } });
    expect((await stat(file("m.data"))).size).toBe(216);
    expect(settled(await readModelFile(file("m.onnx")))).toEqual(settled(model));
    expect((await readdir(path.join(folder, "models"))).filter((name) => name.endsWith(".part"))).toEqual([]);
    expect(() => decodeModel(new Uint8Array(0))).toThrow();
    const bytes = await readFile(file("m.onnx"));
    expect(() => decodeModel(bytes)).toThrow(/lies in another file, "m.data"/);
    await rm(file("m.data"));
    await expect(readModelFile(file("m.onnx"))).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: expect.stringMatching(/"w".*"m.data"/),
    });
  });

  it.each([
    ["an absolute path", () => path.join(folder, "secret.bin"), 0],
    ["a step upwards", () => "../secret.bin", 0],
    ["a hidden step upwards", () => "a/../../secret.bin", 0],
    ["a Windows path", () => "C:\\secret.bin", 0],
    ["backslashes", () => "..\\secret.bin", 0],
    ["a symbolic link that leads out", () => "link.bin", 0],
    ["a folder", () => ".", 0],
    ["nothing", () => "", 0],
    ["an end that the file does not have", () => "data.bin", 4000],
  ])("is refused where it is at %s", async (_what, location, offset) => {
    await writeFile(file("data.bin"), new Uint8Array(4096));
    const bytes = encodeModel(richModel(), { place: ({ name }) => (name === "w" ? { location: location(), offset } : null) });
    await writeFile(file("bad.onnx"), bytes);
    await expect(readModelFile(file("bad.onnx"))).rejects.toMatchObject({ code: "MODEL_INVALID" });
  });

  it("says so where there is no model", async () => {
    await expect(readModelFile(file("none.onnx"))).rejects.toMatchObject({ code: "MODEL_NOT_FOUND" });
    await expect(writeModelFile(richModel(), file("x.onnx"), { externalData: { file: "../x", thresholdBytes: 0 } })).rejects.toMatchObject({
      code: "BAD_INPUT",
    });
  });
});

describe.each(detectorFiles().map((file) => [path.basename(file), file]))("%s", (_name, file) => {
  it("is read, written and read the same, and computes the same", async () => {
    const bytes = await readFile(file);
    const model = decodeModel(bytes);
    const written = encodeModel(model);
    expect(Buffer.compare(encodeModel(decodeModel(written)), written)).toBe(0);
    const input = model.graph.inputs.find(({ name }) => !model.graph.initializers.has(name))!;
    const feeds = { [input.name]: randomInput(input.shape!, 1) };
    expect(worstDifference(await runModel(bytes, feeds), await runModel(written, feeds))).toBe(0);
  });
});
