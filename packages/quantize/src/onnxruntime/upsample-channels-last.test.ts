import { onnxRuntime } from "@octet/inference/onnx-runtime";
import { checkModel } from "@octet/onnx/check/check-model";
import { cloneModel } from "@octet/onnx/io/clone-model";
import { encodeModel } from "@octet/onnx/io/encode-model";
import type { Model } from "@octet/onnx/ir/model";
import { addInput, addOp, addOutput, floatTensor, intTensor, newModel } from "@octet/onnx/testing/build-graph";
import { describe, expect, it } from "vitest";
import { upsampleChannelsLast } from "./upsample-channels-last.ts";

const SHAPE = ["batch", 3, 4, 5] as const;

interface Case {
  to: { scales: number[] } | { sizes: number[] };
  attributes?: Record<string, string>;
  /** Of what the result is quantised with; the input's is 0.1. */
  scale?: number;
}

const floor = { coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" };

/** image → Q → DQ → Resize → Q → DQ. */
function upsampling({ to, attributes = floor, scale = 0.1 }: Case): Model {
  const model = newModel();
  addInput(model, "image", [...SHAPE]);
  const parameters = (name: string, value: number): string[] => {
    model.graph.addInitializer(floatTensor(`${name}.scale`, [], [value]));
    model.graph.addInitializer({ name: `${name}.zero`, dataType: "uint8", dims: [], data: Uint8Array.of(7) });
    return [`${name}.scale`, `${name}.zero`];
  };
  const before = parameters("before", 0.1);
  const after = scale === 0.1 ? before : parameters("after", scale);
  const q = addOp(model, "QuantizeLinear", ["image", ...before], "q");
  const dq = addOp(model, "DequantizeLinear", [q, ...before], "dq");
  const sizes = "sizes" in to;
  model.graph.addInitializer(sizes ? intTensor("to", [4], to.sizes) : floatTensor("to", [4], to.scales));
  const resized = addOp(model, "Resize", [dq, "", ...(sizes ? ["", "to"] : ["to"])], "resized", { mode: "nearest", ...attributes });
  addOp(model, "DequantizeLinear", [addOp(model, "QuantizeLinear", [resized, ...after], "q2"), ...after], "y");
  addOutput(model, "y");
  return model;
}

async function run(model: Model, batch: number): Promise<{ dims: readonly number[]; data: number[] }> {
  const dims = [batch, ...SHAPE.slice(1)] as number[];
  const session = await onnxRuntime.load(encodeModel(model), { threads: 1 });
  try {
    const length = dims.reduce((a, b) => a * b, 1);
    const { y } = await session.run({ image: { dims, data: Float32Array.from({ length }, (_, at) => (at % 97) / 10 - 1) } });
    return { dims: y!.dims, data: Array.from(y!.data, Number) };
  } finally {
    await session.close();
  }
}

const types = ({ graph }: Model): string[] => graph.nodes.map(({ opType }) => opType);

describe("upsampleChannelsLast", () => {
  it.each<[string, Case]>([
    ["twice as large", { to: { scales: [1, 1, 2, 2] } }],
    ["three times as high", { to: { scales: [1, 1, 3, 1] } }],
    ["of other factors on either side", { to: { scales: [1, 1, 2, 4] } }],
    ["to a size", { to: { sizes: [1, 3, 8, 10] } }],
    ["around centres of pixels", { to: { scales: [1, 1, 2, 2] }, attributes: { coordinate_transformation_mode: "half_pixel" } }],
  ])("copies bytes to the same places: %s", async (_, choice) => {
    const model = upsampling(choice);
    const written = cloneModel(model);
    expect(upsampleChannelsLast()(written)).toBe(1);
    checkModel(written);
    expect(types(written)).not.toContain("Resize");
    const batch = "sizes" in choice.to ? 1 : 2;
    expect(await run(written, batch)).toEqual(await run(model, batch));
  });

  it.each<[string, Case]>([
    ["by a fraction", { to: { scales: [1, 1, 1.5, 2] } }],
    ["linear", { to: { scales: [1, 1, 2, 2] }, attributes: { ...floor, mode: "linear" } }],
    ["rounding otherwise", { to: { scales: [1, 1, 2, 2] }, attributes: { ...floor, nearest_mode: "ceil" } }],
    ["of other steps", { to: { scales: [1, 1, 2, 2] }, scale: 0.2 }],
    ["of channels", { to: { scales: [1, 2, 2, 2] } }],
  ])("leaves what is no copying as it is: %s", (_, choice) => {
    const model = upsampling(choice);
    const before = types(model);
    expect(upsampleChannelsLast()(model)).toBe(0);
    expect(types(model)).toEqual(before);
  });
});
