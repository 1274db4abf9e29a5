import { exactWeightBits } from "@octet/inference/integer-kernels";
import { onnxRuntime } from "@octet/inference/onnx-runtime";
import { encodeModel } from "@octet/onnx/io/encode-model";
import type { Model } from "@octet/onnx/ir/model";
import { addInput, addOp, addOutput, floatTensor, intTensor, newModel } from "@octet/onnx/testing/build-graph";
import { randomFrom } from "@octet/onnx/testing/run-model";
import { calibrate, quantizeCalibrated } from "@octet/quantize/int8/quantize-model";
import { addConv, imageSize, noiseImages } from "@octet/quantize/int8/testing/residual-network";
import { expect, it } from "vitest";
import { fileBytes } from "./file-bytes.ts";

interface Value {
  name: string;
  channels: number;
  size: number;
}

const images = noiseImages(2, 21);

/** A network of what detectors are made of, at random: narrow and odd numbers of channels, gates, sums, shuffles, pooling, upsampling. */
function randomNetwork(seed: number): Model {
  const random = randomFrom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const model = newModel();
  addInput(model, "image", ["batch", 3, imageSize, imageSize]);
  let count = 0;
  const fresh = () => `v${count++}`;
  const conv = ({ name, channels, size }: Value, outputs: number, kernel = pick([1, 3])): Value => ({
    name: addConv(model, fresh(), name, [outputs, channels, kernel, kernel]),
    channels: outputs,
    size,
  });
  const depthwise = (value: Value): Value => ({
    ...value,
    name: addConv(model, fresh(), value.name, [value.channels, 1, 3, 3], value.channels),
  });
  const activated = (value: Value): Value => {
    const kind = pick(["Relu", "SiLU", "none"]);
    if (kind === "none") return value;
    if (kind === "Relu") return { ...value, name: addOp(model, "Relu", [value.name], fresh()) };
    return { ...value, name: addOp(model, "Mul", [value.name, addOp(model, "Sigmoid", [value.name], fresh())], fresh()) };
  };
  const ints = (values: readonly number[]): string => {
    const name = fresh();
    model.graph.addInitializer(intTensor(name, [values.length], values));
    return name;
  };
  const shuffled = ({ name, channels, size }: Value): Value => {
    const apart = addOp(model, "Reshape", [name, ints([0, 2, channels / 2, size, size])], fresh());
    const swapped = addOp(model, "Transpose", [apart], fresh(), { perm: [0, 2, 1, 3, 4] });
    return { name: addOp(model, "Reshape", [swapped, ints([0, channels, size, size])], fresh()), channels, size };
  };
  const widths = [4, 6, 8, 10, 12, 16, 20, 24, 36];
  let value = activated(conv({ name: "image", channels: 3, size: imageSize }, pick(widths), 3));
  for (let step = 0; step < 8; step++) {
    const kind = pick(["conv", "conv", "depthwise", "residual", "concat", "shuffle", "pool", "upsample"]);
    if (kind === "conv") value = activated(conv(value, pick(widths)));
    else if (kind === "depthwise") value = activated(depthwise(value));
    else if (kind === "residual") {
      const branch = activated(conv(value, value.channels));
      value = { ...value, name: addOp(model, "Add", [value.name, branch.name], fresh()) };
    } else if (kind === "concat") {
      const [a, b] = [activated(conv(value, pick(widths))), activated(conv(value, pick(widths)))];
      value = { name: addOp(model, "Concat", [a.name, b.name], fresh(), { axis: 1 }), channels: a.channels + b.channels, size: value.size };
    } else if (kind === "shuffle" && value.channels % 4 === 0) {
      const [left, right] = [fresh(), fresh()];
      const half = value.channels / 2;
      addOp(model, "Split", [shuffled(value).name, ints([half, half])], [left, right], { axis: 1 });
      const branch = activated(conv({ name: right, channels: half, size: value.size }, half));
      value = shuffled({ ...value, name: addOp(model, "Concat", [left, branch.name], fresh(), { axis: 1 }) });
    } else if (kind === "pool" && value.size > 4) {
      const name = addOp(model, "MaxPool", [value.name], fresh(), { kernel_shape: [2, 2], strides: [2, 2] });
      value = { ...value, name, size: value.size / 2 };
    } else if (kind === "upsample" && value.size < imageSize) {
      const scales = fresh();
      model.graph.addInitializer(floatTensor(scales, [4], [1, 1, 2, 2]));
      const how = { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" };
      value = { ...value, name: addOp(model, "Resize", [value.name, "", scales], fresh(), how), size: value.size * 2 };
    }
  }
  addOutput(model, conv(activated(conv(value, 16)), 4, 1).name);
  return model;
}

it.each(Array.from({ length: 40 }, (_, seed) => seed))(
  "writes a file that gives what the quantised model gives, network %i",
  async (seed) => {
    const float = randomNetwork(seed);
    const feeds = () => images;
    const calibration = await calibrate(float, { target: "onnxruntime", method: "minmax", runtime: onnxRuntime, feeds, equalizeOn: feeds });
    const outputs = async (model: Uint8Array, simulate = false): Promise<Float32Array> => {
      const session = await onnxRuntime.load(model, { threads: 1, simulate });
      try {
        return Object.values(await session.run(images[1]!))[0]!.data as Float32Array;
      } finally {
        await session.close();
      }
    };
    const worst = (a: Float32Array, b: Float32Array): number => Math.max(...a.map((value, at) => Math.abs(value - b[at]!)));
    // The graph that calibration prepared computes what it was given.
    const original = await outputs(encodeModel(float));
    const range = Math.max(...original.map(Math.abs));
    expect(worst(original, await outputs(encodeModel(calibration.prepared)))).toBeLessThan(1e-4 * range);
    const { model } = quantizeCalibrated(calibration, { weightBits: exactWeightBits() });
    const file = fileBytes(model, "onnxruntime");
    // Kernels, and not only arithmetic: the last convolution is float, and adds in another order at most.
    expect(worst(await outputs(encodeModel(model)), await outputs(file))).toBeLessThan(1e-5 * range);
    // In float32 a sum of more terms may be rounded otherwise, and fall on the other side of half a step.
    expect(worst(await outputs(encodeModel(model), true), await outputs(file, true))).toBeLessThan(0.02 * range);
  },
);
