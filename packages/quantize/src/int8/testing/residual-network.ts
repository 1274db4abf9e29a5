import type { Model } from "@octet/onnx/ir/model";
import { addInput, addOp, addOutput, floatTensor, newModel } from "@octet/onnx/testing/build-graph";
import { seededRandom } from "../../refine/random.ts";
import type { RuntimeTensor } from "../../runtime.ts";

export const imageSize = 16;

/** For tests: adds a convolution named `node_NAME` that writes `NAME`, 'same' padding, random weights and bias. */
export function addConv(model: Model, name: string, input: string, dims: readonly [number, number, number, number], group = 1): string {
  const random = seededRandom([...name].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7));
  const fanIn = dims[1] * dims[2] * dims[3];
  model.graph.addInitializer(floatTensor(`${name}.w`, [...dims], () => (random() - 0.5) * Math.sqrt(12 / fanIn)));
  model.graph.addInitializer(floatTensor(`${name}.b`, [dims[0]], () => random() - 0.5));
  const [, , height, width] = dims;
  return addOp(model, "Conv", [input, `${name}.w`, `${name}.b`], name, {
    kernel_shape: [height, width],
    pads: [height >> 1, width >> 1, height >> 1, width >> 1],
    group,
  });
}

/**
 * For tests: SiLU, a residual addition, MaxPool and Concat between convolutions; a feature map (`mid.act`) that is an output
 * and feeds one of two heads (`logits`, `boxes`), and a score (`scores`) that is decoded from the other.
 */
export function residualNetwork(opset = 17): Model {
  const model = newModel(opset);
  addInput(model, "image", [1, 3, imageSize, imageSize]);
  const stem = addConv(model, "stem", "image", [16, 3, 3, 3]);
  const silu = addOp(model, "Mul", [stem, addOp(model, "Sigmoid", [stem], "stem.sigmoid")], "stem.act");
  const a = addOp(model, "Relu", [addConv(model, "a", silu, [16, 16, 3, 3])], "a.act");
  const sum = addOp(model, "Add", [silu, a], "sum");
  const pool = addOp(model, "MaxPool", [sum], "pool", { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
  const cat = addOp(model, "Concat", [sum, pool], "cat", { axis: 1 });
  const mid = addOp(model, "Relu", [addConv(model, "mid", cat, [16, 32, 1, 1])], "mid.act");
  addOp(model, "Sigmoid", [addConv(model, "logits", mid, [4, 16, 1, 1])], "scores");
  addConv(model, "boxes", cat, [8, 32, 1, 1]);
  for (const output of ["mid.act", "scores", "boxes"]) addOutput(model, output);
  return model;
}

/** Images of uniform noise in [−1, 1) for the networks of these tests. */
export function noiseImages(count: number, seed = 3, channels = 3): { image: RuntimeTensor }[] {
  const random = seededRandom(seed);
  const dims = [1, channels, imageSize, imageSize];
  return Array.from({ length: count }, () => ({
    image: { dims, data: Float32Array.from({ length: channels * imageSize ** 2 }, () => 2 * random() - 1) },
  }));
}
