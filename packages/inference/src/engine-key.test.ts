import { expect, it } from "vitest";
import { type EngineKey, engineFolder, engineOptions, tensorRtVersion } from "./engine-key.ts";

const key: EngineKey = {
  gpu: { name: "NVIDIA L4", computeCapability: "8.9", driver: "550.54.15" },
  onnxruntime: "1.30.0",
  tensorrt: "10.9.0",
  model: "a".repeat(64),
  precision: "int8",
  shape: [3, 640, 640],
  batches: [8, 1, 2, 4],
};

it("changes the folder with everything that an engine depends on, and keeps the model's part", () => {
  const changed: EngineKey[] = [
    { ...key, gpu: { ...key.gpu, name: "NVIDIA L40S" } },
    { ...key, gpu: { ...key.gpu, computeCapability: null } },
    { ...key, gpu: { ...key.gpu, driver: "560.1" } },
    { ...key, onnxruntime: "1.31.0" },
    { ...key, tensorrt: null },
    { ...key, precision: "fp16" },
    { ...key, shape: [3, 320, 320] },
    { ...key, batches: [16, 1] },
  ];
  const folders = new Set([key, ...changed].map(engineFolder));
  expect(folders.size).toBe(changed.length + 1);
  for (const folder of folders) expect(folder).toMatch(/^a{16}-[0-9a-f]{16}$/);
  expect(engineFolder({ ...key, model: "b".repeat(64) })).toMatch(/^b{16}-/);
});

it("does not depend on the order of batches", () => {
  expect(engineFolder({ ...key, batches: [1, 2, 4, 8] })).toBe(engineFolder(key));
});

it("allows the builder what the graph asks for, for all batches that will run, tuned for the largest", () => {
  const input = { name: "images", width: 640, height: 384 };
  const options = (precision: string) =>
    engineOptions({ file: "/a/engine.onnx", timingFolder: "/b", device: 1, precision, input, batches: [8, 1, 2, 4] });
  const flags = (precision: string) => {
    const { trt_fp16_enable: fp16, trt_int8_enable: int8 } = options(precision);
    return [fp16, int8];
  };
  expect([flags("fp32"), flags("fp16"), flags("int8")]).toEqual([
    ["0", "0"],
    ["1", "0"],
    ["1", "1"],
  ]);
  expect(options("int8")).toMatchObject({
    device_id: "1",
    trt_profile_min_shapes: "images:1x3x384x640",
    trt_profile_opt_shapes: "images:8x3x384x640",
    trt_profile_max_shapes: "images:8x3x384x640",
    trt_ep_context_file_path: "/a/engine.onnx",
  });
});

it("reads TensorRT's version off its library", () => {
  expect(tensorRtVersion(["libnvinfer.so", "libnvinfer.so.10", "libnvinfer.so.10.9.0", "libnvinfer_plugin.so.10.9.1"])).toBe("10.9.0");
  expect(tensorRtVersion(["libnvinfer.so"])).toBeNull();
});
