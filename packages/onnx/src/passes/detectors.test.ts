import path from "node:path";
import { describe, expect, it } from "vitest";
import { readModelFile } from "../io/model-file.ts";
import { inferShapes } from "../ops/infer-shapes.ts";
import { detectorFiles } from "../testing/detectors.ts";
import { randomInput, runModel, worstDifference } from "../testing/run-model.ts";
import { convertOpset } from "./convert-opset.ts";
import { eliminateNops } from "./eliminate-nops.ts";
import { foldBatchNorm } from "./fold-batch-norm.ts";
import { foldConstants } from "./fold-constants.ts";
import { dropInitializerInputs } from "./initializer-inputs.ts";
import { makeBatchSymbolic } from "./make-batch-symbolic.ts";

/** What has no place in a detector that is ready to be quantised. */
const unwanted = new Set(["BatchNormalization", "Shape", "Gather", "Unsqueeze", "Constant", "Cast", "Identity", "Dropout"]);

describe.each(detectorFiles().map((file) => [path.basename(file), file]))("%s", (_name, file) => {
  it("computes the same after each pass, and a batch of two as twice one", async () => {
    const model = await readModelFile(file);
    dropInitializerInputs()(model);
    const { name, shape } = model.graph.inputs[0]!;
    const feeds = { [name]: randomInput(shape!, 1) };
    const before = await runModel(model, feeds);
    for (const pass of [makeBatchSymbolic(), foldConstants(), convertOpset(13)]) pass(model);
    // Bit by bit: nothing was computed otherwise.
    expect(worstDifference(before, await runModel(model, feeds))).toBe(0);
    for (const pass of [foldBatchNorm(), eliminateNops(), convertOpset(19)]) pass(model);
    expect(worstDifference(before, await runModel(model, feeds))).toBeLessThan(2e-5);
    inferShapes(model);
    expect(model.graph.nodes.map(({ opType }) => opType).filter((opType) => unwanted.has(opType))).toEqual([]);
    for (const output of model.graph.outputs) expect(output.shape![0]).toBe("batch");

    const other = randomInput(shape!, 2);
    const both = randomInput(["batch", ...shape!.slice(1)], 3, { batch: 2 });
    const single = feeds[name]!;
    (both.data as Float32Array).set(single.data as Float32Array);
    (both.data as Float32Array).set(other.data as Float32Array, single.data.length);
    const [first, second, two] = [
      await runModel(model, feeds),
      await runModel(model, { [name]: other }),
      await runModel(model, { [name]: both }),
    ];
    for (const { name: output } of model.graph.outputs) {
      const half = first[output]!.data.length;
      const data = Array.from(two[output]!.data as Float32Array);
      const expected = [...Array.from(first[output]!.data as Float32Array), ...Array.from(second[output]!.data as Float32Array)];
      expect(data.length).toBe(2 * half);
      expect(
        Math.max(...chunked(data.map((value, at) => Math.abs(value - expected[at]!) / Math.max(1, Math.abs(expected[at]!))))),
      ).toBeLessThan(1e-5);
    }
  });
});

/** Maxima of pieces: Math.max takes no million arguments. */
function chunked(values: number[]): number[] {
  const maxima: number[] = [];
  for (let at = 0; at < values.length; at += 10_000) maxima.push(Math.max(...values.slice(at, at + 10_000)));
  return maxima;
}
