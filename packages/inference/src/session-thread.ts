/**
 * Runs in a worker thread (see `thread-bootstrap.mjs`): one ONNX Runtime session. Its `create` and `run` block, so
 * that nothing else may live in this thread. Ends by the message `close`, never by force: terminating a thread inside
 * ONNX Runtime aborts the process.
 */
import { parentPort, workerData } from "node:worker_threads";
import { AppError } from "@octet/shared/errors";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { bytesToFloat } from "./bytes-to-float.ts";
import { runtimeReason, sessionCreateError } from "./session-errors.ts";
import type { FromThread, ModelSignature, OutputTensor, SessionInput, SessionThreadData, ToThread } from "./session-messages.ts";
import { sessionOptions } from "./session-options.ts";

const { modelPath, provider, input } = workerData as SessionThreadData;
const port = parentPort!;
let floats = new Float32Array(0);

function post(message: FromThread, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

function infoOf(values: readonly InferenceSession.ValueMetadata[]): ModelSignature["inputs"] {
  return values.map((value) =>
    value.isTensor
      ? {
          name: value.name,
          type: value.type,
          shape: value.shape.map((size) => (size === "" || (typeof size === "number" && size < 0) ? null : size)),
        }
      : { name: value.name, type: "not a tensor", shape: [] },
  );
}

function readOutputs(results: InferenceSession.OnnxValueMapType): Record<string, OutputTensor> {
  const outputs: Record<string, OutputTensor> = {};
  for (const [name, value] of Object.entries(results)) {
    // ONNX Runtime's own memory cannot be transferred to another thread: a copy can.
    if (value.data instanceof Float32Array) outputs[name] = { dims: [...value.dims], data: value.data.slice() };
    if ("dispose" in value) value.dispose();
  }
  return outputs;
}

async function run(session: InferenceSession, { name, width, height, mean, scale }: SessionInput, batch: Uint8Array[]): Promise<void> {
  const started = performance.now();
  const perImage = 3 * width * height;
  const total = perImage * batch.length;
  if (floats.length < total) floats = new Float32Array(total);
  for (const [index, bytes] of batch.entries()) bytesToFloat(bytes, floats, index * perImage, mean, scale);
  const tensor = new Tensor("float32", floats.subarray(0, total), [batch.length, 3, height, width]);
  const prepared = performance.now();
  const results = await session.run({ [name]: tensor });
  const inferred = performance.now();
  const outputs = readOutputs(results);
  // A buffer that occurs twice (one frame given twice) may be named only once.
  const transfer = new Set([...batch, ...Object.values(outputs).map(({ data }) => data)].map(({ buffer }) => buffer as ArrayBuffer));
  post({ type: "result", outputs, returned: batch, preprocessMs: prepared - started, inferMs: inferred - prepared }, [...transfer]);
}

async function serve(session: InferenceSession, spec: SessionInput): Promise<void> {
  // One message at a time: `close` waits for the run before it.
  let tail = Promise.resolve();
  port.on("message", (message: ToThread) => {
    tail = tail.then(async () => {
      if (message.type === "close") {
        await session.release();
        port.close();
        return;
      }
      try {
        await run(session, spec, message.batch);
      } catch (error) {
        post({ type: "failed", error: new AppError("INFERENCE_FAILED", `The model failed: ${runtimeReason(error)}`).toInfo() });
      }
    });
  });
}

try {
  const started = performance.now();
  const session = await InferenceSession.create(modelPath, sessionOptions(provider));
  const signature = { inputs: infoOf(session.inputMetadata), outputs: infoOf(session.outputMetadata) };
  if (input) await serve(session, input);
  else await session.release();
  post({ type: "ready", signature, loadMs: performance.now() - started });
} catch (error) {
  post({ type: "unusable", error: sessionCreateError(error, provider, modelPath).toInfo() });
}
