import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { onnxRuntime } from "@octet/inference/onnx-runtime";
import { decodeModel } from "@octet/onnx/io/decode-model";
import { encodeModel } from "@octet/onnx/io/encode-model";
import type { Model } from "@octet/onnx/ir/model";
import { testdata } from "@octet/testing/testdata";
import { describe, expect, it } from "vitest";
import { errorStatistics } from "../numeric/error-statistics.ts";
import type { RuntimeTensor } from "../runtime.ts";
import { convertToFp16 } from "./convert-to-fp16.ts";

async function run(model: Model, feeds: Record<string, RuntimeTensor>): Promise<Record<string, RuntimeTensor>> {
  const session = await onnxRuntime.load(encodeModel(model));
  try {
    return await session.run(feeds);
  } finally {
    await session.close();
  }
}

const detectors: [name: string, path: string | null, dims: number[], scale: number, leastSqnr: number][] = [
  ["yunet_s_640_640", testdata("models", "yunet_s_640_640.onnx"), [1, 3, 640, 640], 255, 30],
  ["ultraface-RFB-320", testdata("models", "ultraface-RFB-320.onnx"), [1, 3, 240, 320], 1, 50],
  ["retinaface", fileURLToPath(new URL("../../../../node_modules/retinaface/mnet.25_v2.onnx", import.meta.url)), [1, 3, 640, 640], 255, 35],
];

describe.each(detectors)("%s", (_, path, dims, scale, leastSqnr) => {
  it.skipIf(path === null)("gives the outputs of float32 from half the bytes", async () => {
    const bytes = readFileSync(path!);
    const half = decodeModel(bytes);
    const report = convertToFp16(half);
    for (const node of half.graph.nodes) {
      if (node.opType === "Cast") expect(half.graph.producer(node.inputs[0]!)?.opType, node.name).not.toBe("Cast");
    }
    expect(encodeModel(half).length / bytes.length).toBeLessThan(0.56);
    const others = report.kept.filter(({ reason }) => reason !== "follows the last convolutions");
    expect(others.length).toBeLessThan(report.converted / 10);
    const count = dims.reduce((product, dim) => product * dim, 1);
    const data = Float32Array.from({ length: count }, (_value, at) => ((Math.sin(at / 37) + Math.sin(at / 6400) + 2) / 4) * scale);
    const feeds = { [half.graph.inputs[0]!.name]: { dims, data } };
    const expected = await run(decodeModel(bytes), feeds);
    const actual = await run(half, feeds);
    for (const [name, { data: values, dims: shape }] of Object.entries(expected)) {
      expect(actual[name]!.dims).toEqual(shape);
      expect(errorStatistics(values as Float32Array, actual[name]!.data as Float32Array).sqnrDb, name).toBeGreaterThan(leastSqnr);
    }
  });
});
