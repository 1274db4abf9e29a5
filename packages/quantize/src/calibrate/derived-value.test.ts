import { onnxRuntime } from "@octet/inference/onnx-runtime";
import { decodeModel } from "@octet/onnx/io/decode-model";
import { encodeModel } from "@octet/onnx/io/encode-model";
import type { Model } from "@octet/onnx/ir/model";
import { addInput, addOp, addOutput, newModel } from "@octet/onnx/testing/build-graph";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Runtime } from "../runtime.ts";
import { collectRanges } from "./collect.ts";
import { derivationOf, derivedExtent } from "./derived-value.ts";
import { createObserver } from "./observers.ts";
import type { Range } from "./range-observer.ts";

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const functions = {
  Relu: (x: number) => Math.max(0, x),
  Sigmoid: sigmoid,
  Tanh: Math.tanh,
  SiLU: (x: number) => x * sigmoid(x),
} as const;
const names = Object.keys(functions) as (keyof typeof functions)[];

it("bounds what the function gives between two values, tightly", () => {
  const number = fc.double({ min: -30, max: 30, noNaN: true });
  fc.assert(
    fc.property(fc.constantFrom(...names), number, number, (by, one, other) => {
      const source = { min: Math.min(one, other), max: Math.max(one, other) };
      const { min, max } = derivedExtent(by, source);
      const seen = Array.from({ length: 1001 }, (_, at) => functions[by](source.min + ((source.max - source.min) * at) / 1000));
      expect(Math.min(...seen)).toBeGreaterThanOrEqual(min - 1e-12);
      expect(Math.max(...seen)).toBeLessThanOrEqual(max + 1e-12);
      // A thousand points come near both ends.
      expect(Math.min(...seen) - min).toBeLessThan(1e-3);
      expect(max - Math.max(...seen)).toBeLessThan(1e-3);
    }),
  );
});

/** x, and what follows from it. */
function activations(): Model {
  const model = newModel(17);
  addInput(model, "x", [1, 2, 24, 17]);
  addOutput(model, addOp(model, "Sigmoid", ["x"], "Sigmoid"));
  addOutput(model, addOp(model, "Mul", ["Sigmoid", "x"], "SiLU"));
  addOutput(model, addOp(model, "Relu", ["x"], "Relu"));
  addOutput(model, addOp(model, "Tanh", ["x"], "Tanh"));
  addOutput(model, addOp(model, "Mul", ["Tanh", "x"], "product"));
  return model;
}

describe("a value that follows from another", () => {
  const model = activations();
  const data = Float32Array.from({ length: 2 * 24 * 17 }, (_, at) => 4 * Math.sin(at * 1.7) - 1);
  const feeds = [{ x: { dims: [1, 2, 24, 17], data } }];
  const values = ["x", ...names, "product"];

  it("is told by its node", () => {
    expect(names.map((name) => derivationOf(model.graph, name))).toEqual(names.map((by) => ({ source: "x", by })));
    expect([derivationOf(model.graph, "x"), derivationOf(model.graph, "product")]).toEqual([null, null]);
  });

  it.each(["both", "extents"] as const)("is seen as if it had been looked at, without being read: %s", async (look) => {
    const seen = new Map<string, { sample: Float32Array; extent: Range | undefined }>();
    const observers = new Map(
      values.map((value) => [
        value,
        {
          ...createObserver("minmax"),
          observe: (shown: Float32Array, extent?: Range) => void seen.set(value, { sample: shown.slice(), extent }),
          range: () => ({ min: 0, max: 0 }),
          toJSON: () => createObserver("minmax").toJSON(),
        },
      ]),
    );
    let probed: Model | null = null;
    const runtime: Runtime = {
      load: (bytes, choices) => {
        probed = decodeModel(bytes);
        return onnxRuntime.load(bytes, choices);
      },
    };
    await collectRanges(model, observers, look, { runtime, feeds, samplesPerImage: 100 });
    const reads = probed!.graph.nodes.filter(({ opType }) => opType.startsWith("Reduce"));
    expect(reads.map(({ inputs }) => inputs[0]).sort()).toEqual(["product", "product", "x", "x"]);
    const session = await onnxRuntime.load(encodeModel(model), { optimise: "none" });
    const truth = await session.run(feeds[0]!);
    await session.close();
    for (const name of names) {
      const all = truth[name]!.data as Float32Array;
      const { sample, extent } = seen.get(name)!;
      expect(extent!.max, name).toBeCloseTo(Math.max(...all), 5);
      // Of 816 values one lies near enough to where SiLU is lowest.
      expect(extent!.min, name).toBeCloseTo(Math.min(...all), 3);
      if (look === "extents") continue;
      expect(sample.length, name).toBeGreaterThan(50);
      for (const [at, x] of seen.get("x")!.sample.entries()) expect(sample[at], name).toBeCloseTo(functions[name](x), 5);
    }
  });
});
