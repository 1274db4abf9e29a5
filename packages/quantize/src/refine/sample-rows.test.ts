import { onnxRuntime } from "@octet/inference/onnx-runtime";
import { describe, expect, it } from "vitest";
import { GraphBuilder } from "./graph-builder.ts";
import { seededRandom } from "./random.ts";
import { convGeometry, RowSampler } from "./sample-rows.ts";

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
