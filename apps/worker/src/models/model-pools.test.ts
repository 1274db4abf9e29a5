import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { defaultModelPath } from "@octet/inference/builtin-models";
import { loadModelFile } from "@octet/inference/model-file";
import type { Provider } from "@octet/inference/session-messages";
import { SessionPool } from "@octet/inference/session-pool";
import { redDetector } from "@octet/precision/testing/red-detector";
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
      new ModelPools({ provider, threads: 1, gpus: [], home, logger: pino({ level: "silent" }) }).create({
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

it("has a CPU take bytes where the graph then does arithmetic in passing, and a model that cannot run as it is", async () => {
  const home = await mkdtemp(path.join(tmpdir(), "octet-pools-"));
  try {
    await writeFile(path.join(home, "red.onnx"), redDetector());
    const { sha256, signature, path: file } = await loadModelFile(path.join(home, "red.onnx"));
    const detector = recogniseDetector(signature);
    // Exact in either arithmetic.
    const scaled = { ...detector, input: { ...detector.input, mean: 127, scale: 1 / 128 } };
    const pools = new ModelPools({ provider: "cpu", threads: 1, gpus: [], home, logger: pino({ level: "silent" }) });
    const { pool } = await pools.create({ path: file, sha256, detector: scaled, maxBatch: 1 });
    await using _ = pool;
    const made = bytesFile(path.join(home, "models"), sha256);
    expect((await loadModelFile(made)).signature.inputs).toMatchObject([{ type: "uint8" }]);
    const { width, height } = detector.input;
    const picture = () => Uint8Array.from({ length: 3 * width * height }, (_, index) => (index * 7) % 256);
    await using plain = await SessionPool.create({ modelPath: file, threads: 1, input: scaled.input });
    const [inBytes, inFloats] = [await pool.run([picture()]), await plain.run([picture()])];
    for (const [name, { data }] of Object.entries(inFloats.outputs)) expect(inBytes.outputs[name]?.data, name).toEqual(data);

    // Nothing can be written there.
    const away = new ModelPools({ provider: "cpu", threads: 1, gpus: [], home: file, logger: pino({ level: "silent" }) });
    const { pool: asItIs } = await away.create({ path: file, sha256, detector: scaled, maxBatch: 1 });
    await using __ = asItIs;
    const outputs = (await asItIs.run([picture()])).outputs;
    for (const [name, { data }] of Object.entries(inFloats.outputs)) expect(outputs[name]?.data, name).toEqual(data);
  } finally {
    await rm(home, { recursive: true });
  }
});
