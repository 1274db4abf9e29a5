import { readFile } from "node:fs/promises";
import { AppError } from "@octet/shared/errors";
import { expect, it } from "vitest";
import { decodeModel } from "../io/decode-model.ts";
import { encodeModel } from "../io/encode-model.ts";
import { Graph } from "../ir/graph.ts";
import { addInput, addOp, addOutput, floatTensor, intTensor, newModel } from "../testing/build-graph.ts";
import { detectorFiles } from "../testing/detectors.ts";
import { randomFrom } from "../testing/run-model.ts";
import { checkModel } from "./check-model.ts";

/** A small file with a bit of everything, so that most mutations hit structure. */
function seedModel(): Uint8Array {
  const model = newModel(11);
  addInput(model, "x", ["batch", 2, 4, 4]);
  model.graph.addInitializer(floatTensor("w", [2, 2, 1, 1], (at) => at));
  model.graph.addInitializer(intTensor("zero", [], [0]));
  model.graph.addInitializer(intTensor("rest", [2], [2, -1]));
  model.graph.addInitializer({ name: "text", dataType: "string", dims: [2], data: ["a", "b"] });
  addOp(model, "Conv", ["x", "w"], "c", { pads: [0, 0, 0, 0], auto_pad: "NOTSET" });
  addOp(model, "Shape", ["c"], "s");
  addOp(model, "Gather", ["s", "zero"], "n");
  addOp(model, "Unsqueeze", ["n"], "n1", { axes: [0] });
  addOp(model, "Concat", ["n1", "rest"], "target", { axis: 0 });
  addOp(model, "Reshape", ["c", "target"], "r");
  addOp(model, "Slice", ["r", "rest", "rest"], "part");
  addOp(model, "Split", ["r"], ["a", "b"], { axis: 1, split: [1, 1] });
  addOp(model, "ConstantOfShape", ["target"], "filled", { value: floatTensor("", [1], [2]) });
  addOp(model, "MaxPool", ["c"], "p", { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 });
  addOp(model, "Resize", ["p", "", "w"], "big", { mode: "nearest" });
  const inner = new Graph();
  inner.addNode({ opType: "Relu", inputs: ["a"], outputs: ["q"] });
  inner.outputs.push({ name: "q", dataType: "float32", shape: null });
  addOp(model, "If", ["zero"], "y");
  model.graph.nodes
    .at(-1)!
    .attributes.set("then_branch", { type: "graph", value: inner })
    .set("else_branch", { type: "graph", value: inner });
  addOutput(model, "y");
  addOutput(model, "b");
  model.metadata.set("key", "value");
  return encodeModel(model);
}

type Random = () => number;
const below = (random: Random, limit: number) => Math.floor(random() * limit);

const mutations: readonly ((bytes: Uint8Array, random: Random) => Uint8Array)[] = [
  function flipBits(bytes, random) {
    const copy = bytes.slice();
    for (let count = 1 + below(random, 4); count > 0; count--) copy[below(random, copy.length)]! ^= 1 << below(random, 8);
    return copy;
  },
  function truncate(bytes, random) {
    return bytes.slice(0, below(random, bytes.length));
  },
  function spliceOut(bytes, random) {
    const [from, length] = [below(random, bytes.length), 1 + below(random, 40)];
    return Uint8Array.from([...bytes.subarray(0, from), ...bytes.subarray(from + length)]);
  },
  function repeatPart(bytes, random) {
    const [from, length, to] = [below(random, bytes.length), 1 + below(random, 60), below(random, bytes.length)];
    return Uint8Array.from([...bytes.subarray(0, to), ...bytes.subarray(from, from + length), ...bytes.subarray(to)]);
  },
  function lieAboutLength(bytes, random) {
    // Bytes that look like the tag of a length-delimited field, followed by a length.
    const tags = [...bytes.keys()].filter((at) => (bytes[at]! & 7) === 2 && at + 1 < bytes.length);
    const at = tags[below(random, tags.length)] ?? 0;
    const lengths = [
      [0],
      [0x7f],
      [0xff, 0x7f],
      [0xff, 0xff, 0xff, 0xff, 0x0f],
      [0xff, 0xff, 0xff, 0xff, 0x07],
      [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
    ];
    return Uint8Array.from([...bytes.subarray(0, at + 1), ...lengths[below(random, lengths.length)]!, ...bytes.subarray(at + 2)]);
  },
  function hugeNumbers(bytes, random) {
    const at = below(random, bytes.length);
    return Uint8Array.from([
      ...bytes.subarray(0, at),
      ...new Array<number>(1 + below(random, 9)).fill(0xff),
      0x01,
      ...bytes.subarray(at + 1),
    ]);
  },
];

/** Read, or refused with a typed error; whatever else is thrown fails the test. */
function survive(bytes: Uint8Array): "read" | "refused" {
  try {
    encodeModel(checkModel(bytes));
    return "read";
  } catch (error) {
    if (error instanceof AppError && (error.code === "MODEL_INVALID" || error.code === "MODEL_UNSUPPORTED") && error.hint) return "refused";
    throw new Error(`Mutated file of ${bytes.length} bytes: ${Buffer.from(bytes).toString("base64").slice(0, 4000)}`, { cause: error });
  }
}

it.each(mutations.map((mutate, at) => [mutate.name, mutate, at] as const))("%s: read or refused", (_name, mutate, seed) => {
  const bytes = seedModel();
  const random = randomFrom(seed + 1);
  const found = { read: 0, refused: 0 };
  const before = process.memoryUsage().rss;
  for (let count = 0; count < 700; count++) {
    let mutated = mutate(bytes, random);
    if (random() < 0.3 && mutated.length > 0) mutated = mutations[below(random, mutations.length)]!(mutated, random);
    found[survive(mutated)]++;
  }
  // Neither everything nor nothing is refused, or the mutations would show little.
  expect(found.refused).toBeGreaterThan(100);
  expect(process.memoryUsage().rss - before).toBeLessThan(600e6);
});

it("real files with flipped bits and cut ends are read or refused", async () => {
  const random = randomFrom(99);
  for (const file of detectorFiles()) {
    const bytes = new Uint8Array(await readFile(file));
    for (let count = 0; count < 12; count++) {
      const mutated = count % 3 === 0 ? bytes.subarray(0, below(random, bytes.length)) : bytes.slice();
      if (count % 3 !== 0) for (let flips = 0; flips < 20; flips++) mutated[below(random, mutated.length)]! ^= 1 << below(random, 8);
      survive(mutated);
    }
  }
});

it("millions of empty parts are refused before they take memory", () => {
  // A graph (field 7) of empty nodes (field 1): two bytes each.
  const nodes = new Uint8Array(12_000_000);
  for (let at = 0; at < nodes.length; at += 2) nodes[at] = 0x0a;
  const length = [
    (nodes.length & 0x7f) | 0x80,
    ((nodes.length >> 7) & 0x7f) | 0x80,
    ((nodes.length >> 14) & 0x7f) | 0x80,
    nodes.length >> 21,
  ];
  const bytes = Uint8Array.from([8, 8, 0x3a, ...length, ...nodes]);
  expect(() => decodeModel(bytes, { limits: { parts: 100_000 } })).toThrow(
    expect.objectContaining({ code: "MODEL_INVALID", message: expect.stringContaining("more than 100000") }),
  );
});
