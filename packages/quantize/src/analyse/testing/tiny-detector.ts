import { decodeModel } from "@octet/onnx/io/decode-model";
import type { Model } from "@octet/onnx/ir/model";
import { GraphBuilder } from "../../refine/graph-builder.ts";
import { seededRandom } from "../../refine/random.ts";
import type { Values } from "../../refine/value-source.ts";

const size = 16;

/** For tests: a small detector with two heads: Conv+SiLU → MaxPool → Conv+Relu, both concatenated. One channel is wild. */
export function tinyDetector(): Model {
  const random = seededRandom(5);
  const g = new GraphBuilder();
  const conv = (input: string, channels: number, outputs: number, wild = 1) => {
    const weight = Float32Array.from({ length: outputs * channels * 9 }, (_, i) => (random() - 0.5) * (i < channels * 9 ? wild : 1));
    const bias = Float32Array.from({ length: outputs }, () => random() - 0.5);
    return g.op("Conv", [input, g.constant([outputs, channels, 3, 3], weight), g.constant([outputs], bias)], {
      pads: { type: "ints", value: [1n, 1n, 1n, 1n] },
    });
  };
  const first = conv(g.input("x", [1, 3, size, size]), 3, 8, 40);
  const silu = g.op("Mul", [first, g.op("Sigmoid", [first])]);
  const pooled = g.op("MaxPool", [silu], {
    kernel_shape: { type: "ints", value: [3n, 3n] },
    pads: { type: "ints", value: [1n, 1n, 1n, 1n] },
  });
  const second = g.op("Relu", [conv(pooled, 8, 8)]);
  const joined = g.op("Concat", [pooled, second], { axis: { type: "int", value: 1n } });
  g.output("scores", g.op("Sigmoid", [conv(joined, 16, 2)]));
  g.output("boxes", conv(joined, 16, 4));
  return decodeModel(g.encode());
}

export function tinyImages(count: number, seed = 1): Values[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => ({
    x: { dims: [1, 3, size, size], data: Float32Array.from({ length: 3 * size * size }, random) },
  }));
}
