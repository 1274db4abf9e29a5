/**
 * Runs in a worker thread (see `thread-bootstrap.mjs`): one ONNX Runtime session. Its `create` and `run` block, so
 * that nothing else may live in this thread. Ends by the message `close`, never by force: terminating a thread inside
 * ONNX Runtime aborts the process.
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { AppError } from "@octet/shared/errors";
import { monotonicMs } from "@octet/shared/monotonic";
import { bytesToFloat } from "./bytes-to-float.ts";
import { type NodePlacement, nodePlacement, type ProfileEvent } from "./node-placement.ts";
import { InferenceSession, Tensor } from "./ort.ts";
import { runtimeReason, sessionCreateError } from "./session-errors.ts";
import type { FromThread, ModelSignature, OutputTensor, SessionInput, SessionThreadData, ToThread } from "./session-messages.ts";
import { sessionOptions } from "./session-options.ts";
import { inTurn } from "./session-turns.ts";
import { lowerThreadPriority } from "./thread-priority.ts";

const { modelPath, provider, input, device, warmUp = [], inspect = false, nice = 0, turns } = workerData as SessionThreadData;
const port = parentPort!;
if (nice > 0) lowerThreadPriority(nice);
let floats = new Float32Array(0);
let bytes = new Uint8Array(0);
let handOverMs = 0;

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

/** ONNX Runtime's own memory cannot go to another thread: a copy can. */
function readOutputs(results: InferenceSession.OnnxValueMapType, memory: SharedArrayBuffer | undefined): Record<string, OutputTensor> {
  const values = Object.entries(results);
  const bytesOf = ([, { data }]: (typeof values)[number]) => (data instanceof Float32Array ? data.byteLength : 0);
  const total = values.reduce((sum, value) => sum + bytesOf(value), 0);
  const shared = memory && (memory.byteLength >= total ? memory : new SharedArrayBuffer(total));
  const outputs: Record<string, OutputTensor> = {};
  let at = 0;
  for (const [name, value] of values) {
    if (value.data instanceof Float32Array) {
      const data = shared ? new Float32Array(shared, at, value.data.length) : new Float32Array(value.data.length);
      data.set(value.data);
      at += data.byteLength;
      outputs[name] = { dims: [...value.dims], data };
    }
    if ("dispose" in value) value.dispose();
  }
  return outputs;
}

/** What is moved to the other thread, and not shared with it or copied. A buffer that occurs twice may be named only once. */
function movable(arrays: readonly (Uint8Array | Float32Array)[]): ArrayBuffer[] {
  return [...new Set(arrays.flatMap(({ buffer }) => (buffer instanceof ArrayBuffer ? buffer : [])))];
}

/** One tensor of a batch's images. */
function tensorOf({ width, height, mean, scale, takesBytes }: SessionInput, batch: readonly Uint8Array[]): Tensor {
  const perImage = 3 * width * height;
  const total = perImage * batch.length;
  const dims = [batch.length, 3, height, width];
  if (takesBytes) {
    // ONNX Runtime takes no shared memory.
    if (batch.length === 1 && batch[0]!.buffer instanceof ArrayBuffer) return new Tensor("uint8", batch[0]!, dims);
    if (bytes.length < total) bytes = new Uint8Array(total);
    for (const [index, image] of batch.entries()) bytes.set(image, index * perImage);
    return new Tensor("uint8", bytes.subarray(0, total), dims);
  }
  if (floats.length < total) floats = new Float32Array(total);
  for (const [index, image] of batch.entries()) bytesToFloat(image, floats, index * perImage, mean, scale);
  return new Tensor("float32", floats.subarray(0, total), dims);
}

/** Runs each batch size once on grey pictures. */
async function warm(session: InferenceSession, spec: SessionInput, sizes: readonly number[]): Promise<void> {
  const grey = new Uint8Array(3 * spec.width * spec.height).fill(114);
  for (const size of sizes) {
    const feeds = { [spec.name]: tensorOf(spec, new Array<Uint8Array>(size).fill(grey)) };
    for (const value of Object.values(await session.run(feeds))) if ("dispose" in value) value.dispose();
  }
}

/** Ends the session's profiling, which goes no further, and reads who ran what. */
async function readPlacement(session: InferenceSession, folder: string): Promise<NodePlacement | null> {
  session.endProfiling();
  const [file] = await readdir(folder);
  return file ? nodePlacement(JSON.parse(await readFile(path.join(folder, file), "utf8")) as ProfileEvent[]) : null;
}

async function run(session: InferenceSession, spec: SessionInput, { batch, memory }: Extract<ToThread, { type: "run" }>): Promise<void> {
  const startedAt = monotonicMs();
  const started = performance.now();
  const tensor = tensorOf(spec, batch);
  const prepared = performance.now();
  const results = await inTurn(turns, () => session.run({ [spec.name]: tensor }));
  const inferred = performance.now();
  const outputs = readOutputs(results, memory);
  post(
    { type: "result", outputs, returned: batch, startedAt, preprocessMs: prepared - started, inferMs: inferred - prepared, handOverMs },
    movable([...batch, ...Object.values(outputs).map(({ data }) => data)]),
  );
  handOverMs = performance.now() - inferred;
}

function serve(session: InferenceSession, spec: SessionInput): void {
  // One message at a time: `close` waits for the run before it.
  let tail = Promise.resolve();
  port.on("message", (message: ToThread) => {
    tail = tail.then(async () => {
      if (message.type === "close") {
        await inTurn(turns, () => session.release());
        port.close();
        return;
      }
      try {
        await run(session, spec, message);
      } catch (error) {
        post({ type: "failed", error: new AppError("INFERENCE_FAILED", `The model failed: ${runtimeReason(error)}`).toInfo() });
      }
    });
  });
}

/** Gives the session and what is said of it. */
async function load(profiles: string | null): Promise<{ session: InferenceSession; ready: Extract<FromThread, { type: "ready" }> }> {
  const started = performance.now();
  const choices = { ...(device === undefined ? {} : { device }), ...(profiles ? { profilePrefix: path.join(profiles, "run") } : {}) };
  const session = await InferenceSession.create(modelPath, sessionOptions(provider, choices));
  const loadMs = performance.now() - started;
  const signature = { inputs: infoOf(session.inputMetadata), outputs: infoOf(session.outputMetadata) };
  let placement: NodePlacement | null = null;
  if (input) {
    await warm(session, input, warmUp.slice(0, 1));
    if (profiles) placement = await readPlacement(session, profiles);
    await warm(session, input, warmUp.slice(1));
  } else await session.release();
  return { session, ready: { type: "ready", signature, loadMs, warmUpMs: performance.now() - started - loadMs, placement } };
}

async function main(): Promise<void> {
  const profiles = inspect && input && warmUp.length > 0 ? await mkdtemp(path.join(tmpdir(), "octet-placement-")) : null;
  try {
    // Its turn is over before it can be asked for a run, which waits for a turn of its own.
    const { session, ready } = await inTurn(turns, () => load(profiles));
    if (input) serve(session, input);
    post(ready);
  } catch (error) {
    post({ type: "unusable", error: sessionCreateError(error, provider, modelPath).toInfo() });
  } finally {
    if (profiles) await rm(profiles, { recursive: true, force: true });
  }
}

void main();
