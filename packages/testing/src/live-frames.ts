import { type LiveFrame, type PackedFrame, packFrame, unpackFrame } from "@octet/shared/protocol/live-frame";

interface Sender {
  emit(event: "frames", frames: PackedFrame[]): unknown;
}
interface Receiver {
  on(event: "frames", listener: (frames: PackedFrame[]) => void): unknown;
}

/** A frame in which nothing was found. */
export function newFrame(cameraId: string, seq: number, preview: Uint8Array | null = null): LiveFrame {
  const stages = { network: 0, decode: 0, queue: 0, preprocess: 0, infer: 0, postprocess: 0, publish: 0 };
  return { cameraId, seq, ptsMs: 0, capturedAt: Date.now(), width: 1, height: 1, detections: [], stages, preview };
}

/** As a worker does. */
export function sendFrames(socket: Sender, ...frames: LiveFrame[]): void {
  socket.emit("frames", frames.map(packFrame));
}

/** As a browser does. */
export function onFrame(socket: Receiver, handle: (frame: LiveFrame) => void): void {
  socket.on("frames", (frames) => {
    for (const frame of frames) handle(unpackFrame(frame));
  });
}
