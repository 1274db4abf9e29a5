import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { prepareEngine } from "./engine-builder.ts";
import { probeProvider } from "./providers.ts";
import { tinyModel } from "./tiny-model.ts";

it("builds an engine once where TensorRT works, and says why elsewhere, leaving nothing that looks like one", async () => {
  const root = await mkdtemp(path.join(tmpdir(), "octet-build-"));
  try {
    const modelPath = path.join(root, "tiny.onnx");
    await writeFile(modelPath, tinyModel());
    const engines = path.join(root, "engines");
    const prepare = () =>
      prepareEngine({ modelPath, precision: "fp32", input: { name: "x", width: 1, height: 1 }, batches: [1], device: 0, root: engines });
    if ((await probeProvider("tensorrt")).available) {
      expect((await prepare()).builtMs).toBeGreaterThan(0);
      expect((await prepare()).builtMs).toBeNull();
      return;
    }
    // Twice: a failure does not stand in the way of the next try.
    for (let count = 0; count < 2; count++) {
      const failure = {
        name: "AppError",
        code: "PROVIDER_UNAVAILABLE",
        message: expect.stringMatching(/^TensorRT could not build .*: \S/),
      };
      await expect(prepare()).rejects.toMatchObject(failure);
    }
    const [folder] = readdirSync(engines).filter((name) => name !== "timing");
    expect(existsSync(path.join(engines, folder!, "key.json"))).toBe(true);
    expect(readdirSync(path.join(engines, folder!))).toEqual(["key.json"]);
  } finally {
    await rm(root, { recursive: true });
  }
});
