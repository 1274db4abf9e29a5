// One thread of the bare comparison: nothing but session.run on one tensor, over and over.
import { parentPort, workerData } from "node:worker_threads";
import ort from "onnxruntime-node";

const { modelPath, shape, input } = workerData;
const session = await ort.InferenceSession.create(modelPath, {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  extra: { session: { intra_op: { allow_spinning: "0" } } },
});
const size = shape.reduce((product, dim) => product * dim, 1);
const feeds = {
  [input]: new ort.Tensor(
    "float32",
    Float32Array.from({ length: size }, (_, index) => index % 251),
    shape,
  ),
};
for (let i = 0; i < 3; i++) await session.run(feeds);
parentPort.postMessage({ ready: true });
parentPort.on("message", async ({ seconds }) => {
  if (!seconds) {
    parentPort.close();
    return;
  }
  const until = performance.now() + seconds * 1000;
  const began = performance.now();
  let runs = 0;
  while (performance.now() < until) {
    await session.run(feeds);
    runs++;
  }
  parentPort.postMessage({ perSecond: (runs * 1000) / (performance.now() - began) });
});
