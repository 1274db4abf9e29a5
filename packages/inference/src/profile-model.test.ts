import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { encodeModel } from "@octet/onnx/io/encode-model";
import { addInput, addOp, addOutput, floatTensor, newModel } from "@octet/onnx/testing/build-graph";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { DenseTensor } from "./onnx-runtime.ts";
import { profileModel } from "./profile-model.ts";

/** Large enough that no kernel's time rounds to 0 µs. */
const SIZE = 256;

function network(): Uint8Array {
  const model = newModel();
  addInput(model, "x", [SIZE, SIZE]);
  model.graph.addInitializer(floatTensor("w", [SIZE, SIZE], (at) => Math.sin(at)));
  const hidden = addOp(model, "Softmax", [addOp(model, "MatMul", ["x", "w"], "product")], "shares", { axis: 1 });
  addOutput(model, addOp(model, "Tanh", [hidden], "y"));
  return encodeModel(model);
}

const square = (size: number): DenseTensor => ({ dims: [size, size], data: new Float32Array(size * size).fill(0.1) });

describe("profileModel", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "octet-test-"));
    for (const name of ["TMPDIR", "TEMP", "TMP"]) vi.stubEnv(name, folder);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });

  it("tells the times of a run and of each kernel by its node's name", async () => {
    const { runMs, kernels } = await profileModel(network(), { x: square(SIZE) }, 3);
    expect(runMs).toBeGreaterThan(0);
    expect([...kernels].map(([name, { op }]) => [name, op])).toEqual([
      ["node_product", "MatMul"],
      ["node_shares", "Softmax"],
      ["node_y", "Tanh"],
    ]);
    for (const [name, { us }] of kernels) expect(us, name).toBeGreaterThan(0);
  });

  it("leaves no file behind", async () => {
    await profileModel(network(), { x: square(SIZE) }, 1);
    expect(await readdir(folder)).toEqual([]);
  });

  it("refuses what is no model, and leaves no file behind", async () => {
    const refused = profileModel(Uint8Array.of(8, 7, 255, 255, 0, 1), {}, 1);
    await expect(refused).rejects.toMatchObject({ name: "AppError", code: "MODEL_INVALID" });
    expect(await readdir(folder)).toEqual([]);
  });

  it("says that a run failed, and leaves no file behind", async () => {
    await expect(profileModel(network(), { x: square(3) }, 1)).rejects.toMatchObject({ name: "AppError", code: "INFERENCE_FAILED" });
    expect(await readdir(folder)).toEqual([]);
  });
});
