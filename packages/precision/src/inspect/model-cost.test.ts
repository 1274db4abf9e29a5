import { defaultModelPath } from "@octet/inference/builtin-models";
import { readModelFile } from "@octet/onnx/io/model-file";
import { expect, it } from "vitest";
import { signatureOf } from "./inspect-model.ts";
import { modelCost } from "./model-cost.ts";

/** The default detector, at 640×640 or, without it, at any size. */
async function detector(sides: (number | string)[]) {
  const model = await readModelFile(defaultModelPath());
  model.graph.inputs[0]!.shape = [1, 3, ...sides];
  for (const output of model.graph.outputs) output.shape = null;
  model.graph.valueInfo.clear();
  return model;
}

it("counts a model at the size that it is fed, also where the file leaves that open", async () => {
  const [fixed, open] = [await detector([640, 640]), await detector(["h", "w"])];
  const cost = modelCost(fixed, signatureOf(fixed));
  expect(cost).toEqual({ parameters: 501_776, macs: expect.any(Number), layerElements: 16_128_000 });
  expect(cost!.macs / 1e9).toBeCloseTo(1.078, 3);
  expect(modelCost(open, signatureOf(open))).toEqual(cost);
});

it("gives none where a layer's size is not known", async () => {
  const model = await detector([640, 640]);
  model.graph.nodes[0]!.domain = "com.example";
  expect(modelCost(model, signatureOf(model))).toBeNull();
});
