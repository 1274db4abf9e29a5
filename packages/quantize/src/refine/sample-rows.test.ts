import { onnxRuntime } from "@octet/inference/onnx-runtime";
import { decodeModel } from "@octet/onnx/io/decode-model";
import type { Attribute } from "@octet/onnx/ir/model";
import { describe, expect, it } from "vitest";
import { ElementGatherer } from "./element-gatherer.ts";
import { GraphBuilder } from "./graph-builder.ts";
import { seededRandom } from "./random.ts";
import { convGeometry, GroupedRows, inputElements, outputElements, RowSampler, randomPlaces } from "./sample-rows.ts";

describe.each([
  { groups: 1, channels: 3, out: 4, kernel: [3, 3], strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1] },
  { groups: 4, channels: 4, out: 4, kernel: [3, 3], strides: [2, 2], dilations: [1, 1], pads: [0, 1, 2, 1] },
  { groups: 2, channels: 4, out: 6, kernel: [1, 3], strides: [1, 2], dilations: [1, 2], pads: [0, 2, 0, 0] },
])(
  "rows of a convolution with $groups groups, kernel $kernel, strides $strides",
  ({ groups, channels, out, kernel, strides, dilations, pads }) => {
    it("times the weights are the runtime's outputs", async () => {
      const random = seededRandom(7);
      const weightDims = [out, channels / groups, ...kernel];
      const weights = Float32Array.from({ length: weightDims.reduce((a, b) => a * b) }, () => random() - 0.5);
      const ints = (values: number[]) => ({ type: "ints" as const, value: values.map(BigInt) });
      const attributes = {
        strides: ints(strides),
        dilations: ints(dilations),
        pads: ints(pads),
        group: { type: "int" as const, value: BigInt(groups) },
      };
      const builder = new GraphBuilder();
      builder.output(
        "y",
        builder.op("Conv", [builder.input("x", [1, channels, 9, 11]), builder.constant(weightDims, weights)], attributes),
      );
      const session = await onnxRuntime.load(builder.encode());
      const x = { dims: [1, channels, 9, 11], data: Float32Array.from({ length: channels * 99 }, () => random()) };
      const { y } = await session.run({ x });
      await session.close();
      await expectGatheredRows(builder.encode(), { x, y: y!.data as Float32Array, yDims: y!.dims, weightDims, attributes });
      const node = { name: "conv", opType: "Conv", domain: "", inputs: [], outputs: [], attributes: new Map(Object.entries(attributes)) };
      const sampler = new RowSampler(convGeometry(node, weightDims), 30, random);
      sampler.add(x, { dims: y!.dims, data: y!.data as Float32Array }, 12);
      sampler.add(x, { dims: y!.dims, data: y!.data as Float32Array }, 12);
      const { inputRows, targetRows, rows } = sampler.result();
      expect(rows).toBe(24);
      const depth = weights.length / out;
      const outputs = out / groups;
      for (let g = 0; g < groups; g++)
        for (let n = 0; n < rows; n++)
          for (let m = 0; m < outputs; m++) {
            let sum = 0;
            for (let k = 0; k < depth; k++) sum += inputRows[(g * rows + n) * depth + k]! * weights[(g * outputs + m) * depth + k]!;
            expect(sum).toBeCloseTo(targetRows[(g * rows + n) * outputs + m]!, 4);
          }
    });
  },
);

interface Convolution {
  x: { dims: number[]; data: Float32Array };
  y: Float32Array;
  yDims: readonly number[];
  weightDims: number[];
  attributes: Record<string, Attribute>;
}

/** The same rows, picked inside the graph. */
async function expectGatheredRows(bytes: Uint8Array, { x, y, yDims, weightDims, attributes }: Convolution): Promise<void> {
  const node = { name: "conv", opType: "Conv", domain: "", inputs: [], outputs: [], attributes: new Map(Object.entries(attributes)) };
  const geometry = convGeometry(node, weightDims);
  const places = randomPlaces(yDims, 9, seededRandom(3));
  const [inputs, outputs] = [inputElements(geometry, x.dims, places), outputElements(geometry, yDims, places)];
  const gatherer = await ElementGatherer.create(decodeModel(bytes), ["x", "y"], onnxRuntime);
  const [rows, targets] = (await gatherer.run({ x }, [inputs, outputs])) as [Float32Array, Float32Array];
  await gatherer.close();
  expect(rows).toEqual(Float32Array.from(inputs, (element) => (element < 0 ? 0 : x.data[element]!)));
  expect(inputs.some((element) => element < 0)).toBe(true);
  expect(targets).toEqual(Float32Array.from(outputs, (element) => y[element]!));
}

describe("GroupedRows", () => {
  it("keeps the groups apart, and leaves out what was not filled", () => {
    const rows = new GroupedRows(2, 5);
    rows.add(Float32Array.of(1, 2, 10, 20), 2);
    rows.add(Float32Array.of(3, 30), 1);
    expect(rows.open).toBe(2);
    expect(rows.result()).toEqual({ values: Float32Array.of(1, 2, 3, 10, 20, 30), rows: 3 });
  });

  it("says that there are none", () => {
    expect(() => new GroupedRows(1, 4).result()).toThrow(expect.objectContaining({ code: "CALIBRATION_EMPTY" }));
  });
});
