import { encodeModel } from "@octet/onnx/io/encode-model";
import type { DataType } from "@octet/onnx/ir/data-type";
import { addInput, addOp, addOutput, floatTensor, newModel } from "@octet/onnx/testing/build-graph";
import { describe, expect, it } from "vitest";
import { exactWeightBits } from "./integer-kernels.ts";
import { OnnxSession } from "./onnx-runtime.ts";

const CHANNELS = 64;
const SIZE = 8;
const PIXEL = 255;

/** A 1×1 convolution between Q and DQ whose sums of two products are the largest that there are, if all `weight`s are. */
function convolution(weight: number): { model: Uint8Array; outputScale: number } {
  const model = newModel();
  const { graph } = model;
  const scalar = (name: string, value: number) => graph.addInitializer(floatTensor(name, [], [value])).name;
  const integers = (name: string, dataType: DataType, dims: number[], data: Uint8Array | Int8Array) =>
    graph.addInitializer({ name, dataType, dims, data }).name;
  const input = [scalar("one", 1), integers("zero", "uint8", [], Uint8Array.of(0))];
  // 127 steps to each side of the middle for the largest 8-bit weight.
  const outputScale = CHANNELS * PIXEL;
  const output = [scalar("output_scale", outputScale), integers("middle", "uint8", [], Uint8Array.of(128))];
  integers("weight", "int8", [CHANNELS, CHANNELS, 1, 1], new Int8Array(CHANNELS ** 2).fill(weight));
  addInput(model, "x", [1, CHANNELS, SIZE, SIZE]);
  const pixels = addOp(model, "DequantizeLinear", [addOp(model, "QuantizeLinear", ["x", ...input], "xq"), ...input], "xd");
  const weights = addOp(model, "DequantizeLinear", ["weight", "one", integers("weight_zero", "int8", [], Int8Array.of(0))], "wd");
  const sums = addOp(model, "QuantizeLinear", [addOp(model, "Conv", [pixels, weights], "sum"), ...output], "yq");
  addOutput(model, addOp(model, "DequantizeLinear", [sums, ...output], "y"));
  return { model: encodeModel(model), outputScale };
}

/** Whether the integer kernel of this host gets the sum of all products right. */
async function isExact(weight: number): Promise<boolean> {
  const { model, outputScale } = convolution(weight);
  const session = await OnnxSession.load(model, { threads: 1 });
  try {
    const data = new Float32Array(CHANNELS * SIZE * SIZE).fill(PIXEL);
    const { y } = await session.run({ x: { dims: [1, CHANNELS, SIZE, SIZE], data } });
    const exact = CHANNELS * PIXEL * weight;
    return (y!.data as Float32Array).every((sum) => Math.abs(sum - exact) <= outputScale / 2);
  } finally {
    await session.close();
  }
}

describe("exactWeightBits", () => {
  it("names bits whose largest weights this host multiplies exactly", async () => {
    const largest = exactWeightBits() === 8 ? 127 : 64;
    expect([await isExact(largest), await isExact(-largest)]).toEqual([true, true]);
  });

  it("gives nothing away: less than 8 bits only where they saturate", async () => {
    // Other systems do not say what their processor can.
    if (process.platform !== "linux") return;
    expect(await isExact(127)).toBe(exactWeightBits() === 8);
    expect(await isExact(-127)).toBe(exactWeightBits() === 8);
  });
});
