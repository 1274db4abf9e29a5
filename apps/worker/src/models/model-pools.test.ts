import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { defaultModelPath } from "@octet/inference/builtin-models";
import { loadModelFile } from "@octet/inference/model-file";
import type { Provider } from "@octet/inference/session-messages";
import { recogniseDetector } from "@octet/vision/models/recognise";
import { pino } from "pino";
import { expect, it } from "vitest";
import { bytesFile, ModelPools } from "./model-pools.ts";

it("makes sessions of the model as it is on a CPU, and of one that takes bytes for CUDA", async () => {
  const home = await mkdtemp(path.join(tmpdir(), "octet-pools-"));
  try {
    const { sha256, signature, path: file } = await loadModelFile(defaultModelPath());
    const detector = recogniseDetector(signature);
    const create = (provider: Provider) =>
      new ModelPools({ provider, threads: 1, gpus: [], versions: {}, home, logger: pino({ level: "silent" }) }).create({
        path: file,
        sha256,
        detector,
        maxBatch: 1,
      });
    const { pool, report } = await create("cpu");
    await using _ = pool;
    expect(report).toEqual({ provider: "cpu", nodes: {}, fault: null, engineCache: null });
    const made = bytesFile(path.join(home, "models"), sha256);
    expect(existsSync(made)).toBe(false);
    // Whether there is a GPU here or not, the file is what its sessions load.
    await create("cuda").then(
      ({ pool: gpuPool }) => gpuPool.close(),
      (error: unknown) => expect(error).toMatchObject({ code: "PROVIDER_UNAVAILABLE" }),
    );
    expect((await loadModelFile(made)).signature.inputs).toMatchObject([{ name: detector.input.name, type: "uint8" }]);
  } finally {
    await rm(home, { recursive: true });
  }
});
