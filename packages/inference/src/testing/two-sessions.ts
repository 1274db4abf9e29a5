/**
 * Makes two sessions of a small network at once on the provider in argv and runs them at once, over and over. Prints what they
 * gave for the last picture and which provider ran the nodes. In a process of its own, for what may crash.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { writeModelFile } from "@octet/onnx/io/model-file";
import { addInput, addOp, addOutput, floatTensor, newModel } from "@octet/onnx/testing/build-graph";
import type { Provider } from "../session-messages.ts";
import { SessionWorker } from "../session-worker.ts";

const provider = process.argv[2] as Provider;
const SIZE = 64;
const ROUNDS = 10;
const model = newModel();
const weights = (name: string, dims: number[]) => model.graph.addInitializer(floatTensor(name, dims, (at) => Math.sin(at * 7) / 8));
weights("w1", [8, 3, 3, 3]);
weights("w2", [4, 8, 3, 3]);
addInput(model, "x", [1, 3, SIZE, SIZE]);
addOp(model, "Conv", ["x", "w1"], "a", { pads: [1, 1, 1, 1] });
addOp(model, "Relu", ["a"], "b");
addOp(model, "Conv", ["b", "w2"], "y", { pads: [1, 1, 1, 1] });
addOutput(model, "y", [1, 4, SIZE, SIZE]);

const folder = mkdtempSync(path.join(tmpdir(), "octet-two-sessions-"));
try {
  const modelPath = path.join(folder, "model.onnx");
  await writeModelFile(model, modelPath);
  const input = { name: "x", width: SIZE, height: SIZE, mean: 0, scale: 1 / 255 };
  const start = () => SessionWorker.start({ modelPath, provider, input, warmUp: [1], inspect: true });
  const sessions = await Promise.all([start(), start()]);
  const picture = () => Uint8Array.from({ length: 3 * SIZE * SIZE }, (_, at) => (at * 31) % 256);
  let outputs: number[][] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const runs = await Promise.all(sessions.map((session) => session.run([picture()])));
    outputs = runs.map(({ outputs: { y } }) => [...(y?.data ?? [])]);
  }
  process.stdout.write(JSON.stringify({ placement: sessions.map(({ placement }) => placement), outputs }));
  await Promise.all(sessions.map((session) => session.close()));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
