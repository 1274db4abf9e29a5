import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeModel } from "@octet/onnx/io/decode-model";
import { encodeModel } from "@octet/onnx/io/encode-model";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultModelPath } from "./builtin-models.ts";
import { notOnnxReason } from "./file-check.ts";
import { loadModelFile } from "./model-file.ts";
import { tinyModel } from "./tiny-model.ts";

describe("loadModelFile", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "octet-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const written = async (name: string, content: Uint8Array | string) => {
    const path = join(folder, name);
    await writeFile(path, content);
    return path;
  };

  it("reads the default model", async () => {
    const model = await loadModelFile(defaultModelPath());
    expect(model).toMatchObject({ size: 2050604, sha256: "cd1acf4887eff165497762346fcafbdec58f662a2ceb01e5edb979f54b9875b6" });
    expect(model.signature.inputs).toEqual([{ name: "data", type: "float32", shape: [1, 3, 640, 640] }]);
    expect(model.signature.outputs).toHaveLength(9);
  });

  it("reads any ONNX model, whatever it is for", async () => {
    const model = await loadModelFile(await written("tiny.onnx", tinyModel()));
    expect(model.signature).toEqual({
      inputs: [{ name: "x", type: "float32", shape: [4] }],
      outputs: [{ name: "y", type: "float32", shape: [4] }],
      metadata: {},
    });
  });

  it("reads what the exporter wrote into the file", async () => {
    const model = decodeModel(tinyModel());
    model.metadata.set("names", "{0: 'face'}");
    const { signature } = await loadModelFile(await written("named.onnx", encodeModel(model)));
    expect(signature.metadata).toEqual({ names: "{0: 'face'}" });
  });

  it("refuses what is not there", async () => {
    await expect(loadModelFile(join(folder, "none.onnx"))).rejects.toMatchObject({ code: "MODEL_NOT_FOUND" });
    await mkdir(join(folder, "folder.onnx"));
    await expect(loadModelFile(join(folder, "folder.onnx"))).rejects.toMatchObject({ code: "MODEL_INVALID" });
  });

  it.each([
    ["empty.onnx", new Uint8Array(0), /empty/],
    ["text.onnx", "hello, this is no model\n", /text file/],
    ["lfs.onnx", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", /LFS pointer/],
    ["page.onnx", "<!DOCTYPE html><title>404</title>", /web page/],
    ["noise.onnx", Uint8Array.from({ length: 4096 }, (_, i) => (i * 7919 + 13) % 256), /cannot load/],
  ])("refuses %s with its reason", async (name, content, reason) => {
    const refused = await loadModelFile(await written(name, content)).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "MODEL_INVALID", message: expect.stringMatching(reason), hint: expect.any(String) });
  });

  it("refuses half a model", async () => {
    const whole = await readFile(defaultModelPath());
    const path = await written("half.onnx", whole.subarray(0, whole.length / 2));
    await expect(loadModelFile(path)).rejects.toMatchObject({ code: "MODEL_INVALID" });
  });
});

describe("notOnnxReason", () => {
  it("lets a model's beginning pass", () => {
    expect(notOnnxReason(tinyModel())).toBeNull();
  });
});
