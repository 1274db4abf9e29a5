/** A media thread: runs a share of the cameras. Started by `media-host.ts` through `thread-bootstrap.mjs`. */
import { parentPort, workerData } from "node:worker_threads";
import { AV_LOG_QUIET } from "node-av/constants";
import { Log } from "node-av/lib";
import { CameraSource } from "./camera-source.ts";
import { hardwareDevices, useGpu } from "./hardware.ts";
import type { OpenMessage, Post, ThreadData, ToThread } from "./thread-protocol.ts";

const port = parentPort;
if (!port) throw new Error("media-thread.ts runs in a worker thread only");
const options = workerData as ThreadData;
const sources = new Map<number, CameraSource>();
const running = new Set<Promise<void>>();
const post: Post = (message, transfer) => port.postMessage(message, transfer ?? []);

useGpu(options.gpu);
// FFmpeg writes to stderr by itself, URLs with passwords included; what matters comes back as error codes.
Log.setLevel(AV_LOG_QUIET);
// Before ONNX Runtime does: whoever makes the context that all share chooses how its threads wait for the GPU.
if (options.gpu !== null) hardwareDevices();

function handle(message: ToThread): void {
  if (message.type === "stop") stop();
  else if (message.type === "open") open(message);
  else if (message.type === "crop") jpeg(message, () => sources.get(message.key)?.crop(message.seq, message.box, message.size));
  else if (message.type === "picture") jpeg(message, () => sources.get(message.key)?.picture(message.seq));
  else command(message);
}

function open(message: OpenMessage): void {
  const source = new CameraSource(message, options, post);
  sources.set(message.key, source);
  const run = source
    .run()
    .catch((error) => post({ type: "log", level: "warn", fields: { error: String(error) }, message: "A source failed" }))
    .finally(() => {
      sources.delete(message.key);
      running.delete(run);
      post({ type: "closed", key: message.key });
    });
  running.add(run);
}

function command(message: Exclude<ToThread, { type: "stop" | "open" | "crop" | "picture" }>): void {
  const source = sources.get(message.key);
  if (!source) return;
  if (message.type === "close") source.close();
  else if (message.type === "preview") source.setPreview(message.width);
  else if (message.type === "video") source.setVideo(message.on);
  else if (message.type === "update") source.update(message);
  else if (message.type === "recycle") source.recycle(message.buffer);
  else source.release(message.seq);
}

function jpeg({ request }: { request: number }, encode: () => Uint8Array | null | undefined): void {
  let bytes: Uint8Array | null = null;
  try {
    bytes = encode() ?? null;
  } catch (error) {
    post({ type: "log", level: "warn", fields: { error: String(error) }, message: "A picture could not be made of a frame" });
  }
  post({ type: "cropped", request, jpeg: bytes }, bytes ? [bytes.buffer as ArrayBuffer] : []);
}

/** Ends the thread from inside: terminating one that decodes aborts the whole process. */
function stop(): void {
  for (const source of sources.values()) source.close();
  void Promise.allSettled([...running]).then(() => port?.close());
}

port.on("message", (message: ToThread) => {
  try {
    handle(message);
  } catch (error) {
    post({
      type: "log",
      level: "warn",
      fields: { error: String(error), type: message.type },
      message: "A command to a media thread failed",
    });
  }
});
post({ type: "ready" });
