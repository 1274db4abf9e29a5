import { exactWeightBits } from "@octet/inference/integer-kernels";
import { onnxRuntime } from "@octet/inference/onnx-runtime";
import { encodeModel } from "@octet/onnx/io/encode-model";
import type { Model } from "@octet/onnx/ir/model";
import { addInput, addOp, addOutput, floatTensor, newModel } from "@octet/onnx/testing/build-graph";
import type { WeightBits } from "@octet/shared/domain/weight-bits";
import { describe, expect, it } from "vitest";
import { padChannels } from "../onnxruntime/pad-channels.ts";
import { seededRandom } from "../refine/random.ts";
import type { SessionChoices } from "../runtime.ts";
import { emitQdq } from "./emit.ts";
import { buildParamTable } from "./param-table.ts";
import { planForOnnxRuntime, sharedForOnnxRuntime } from "./plan-onnxruntime.ts";
import { prepareFloat } from "./prepare.ts";
import { findUnits } from "./units.ts";

interface Shape {
  name: string;
  inputs: number;
  outputs: number;
  kernel: number;
  group?: number;
}

const shapes: Shape[] = [
  { name: "pointwise", inputs: 64, outputs: 32, kernel: 1 },
  { name: "of an image", inputs: 3, outputs: 16, kernel: 3 },
  { name: "3 × 3", inputs: 32, outputs: 32, kernel: 3 },
  { name: "of an odd number of channels", inputs: 7, outputs: 5, kernel: 3 },
  { name: "in groups", inputs: 16, outputs: 16, kernel: 3, group: 2 },
  { name: "in groups of one channel", inputs: 4, outputs: 8, kernel: 3, group: 4 },
  { name: "depthwise", inputs: 16, outputs: 16, kernel: 3, group: 16 },
  { name: "depthwise 5 × 5", inputs: 32, outputs: 32, kernel: 5, group: 32 },
];
const SIZE = 12;

/** Large weights, of one sign in each channel, so that every sum of products that could saturate would. */
function convolution({ inputs, outputs, kernel, group = 1 }: Shape): Model {
  const random = seededRandom(5);
  const model = newModel();
  addInput(model, "image", [1, inputs, SIZE, SIZE]);
  const depth = (inputs / group) * kernel ** 2;
  const weights = Array.from({ length: outputs * depth }, (_, at) => (Math.floor(at / depth) % 2 ? -1 : 1) * random() ** 0.2);
  model.graph.addInitializer(floatTensor("w", [outputs, inputs / group, kernel, kernel], weights));
  addOutput(model, addOp(model, "Conv", ["image", "w"], "out", { kernel_shape: [kernel, kernel], group }));
  return prepareFloat(model);
}

/** How far, in steps of the output, this host's integer kernels are at most from the same levels in exact arithmetic. */
async function missOf(shape: Shape, bits: WeightBits): Promise<number> {
  const model = convolution(shape);
  const units = findUnits(model);
  const { inputs, group = 1, kernel } = shape;
  const reach = (inputs / group) * kernel ** 2;
  const ranges = new Map([
    ["image", { min: 0, max: 1 }],
    ["out", { min: -reach, max: reach }],
  ]);
  const table = buildParamTable(ranges, sharedForOnnxRuntime(units), "asymmetric");
  const quantised = emitQdq(model, table, planForOnnxRuntime(model, units, table, bits));
  padChannels()(quantised);
  const emitted = encodeModel(quantised);
  const dims = [1, inputs, SIZE, SIZE];
  const image = { dims, data: new Float32Array(inputs * SIZE ** 2).fill(1) };
  const outputs = async (choices: SessionChoices): Promise<Float32Array> => {
    const session = await onnxRuntime.load(emitted, { threads: 1, ...choices });
    try {
      return (await session.run({ image }))["out"]!.data as Float32Array;
    } finally {
      await session.close();
    }
  };
  const [exact, integer] = [await outputs({ simulate: true }), await outputs({})];
  const { scale } = table.get("out")!;
  return Math.max(...integer.map((value, at) => Math.abs(value - exact[at]!) / scale));
}

describe("weightLevels", () => {
  it.each(shapes)("lets no sum of a convolution $name saturate where weights are paired", async (shape) => {
    // Rounding a half to either side is one step.
    expect(await missOf(shape, "paired")).toBeLessThan(1.01);
  });

  it("pairs what saturates on this host, if anything does", async () => {
    const misses = await Promise.all(shapes.map((shape) => missOf(shape, 8)));
    const saturated = shapes.filter((_, at) => misses[at]! > 1.01).map(({ name }) => name);
    const paired = shapes.map(({ name }) => name).filter((name) => !name.startsWith("depthwise"));
    if (exactWeightBits() === 8) expect(saturated).toEqual([]);
    else if (process.platform === "linux") expect(saturated).toEqual(paired);
  });
});
