import { gatewayToBrowser } from "@octet/shared/protocol/live-protocol";
import { sendEvent } from "@octet/shared/protocol/typed-socket";
import type { LiveFrame, VideoChunk } from "@octet/shared/protocol/worker-protocol";
import type { Namespace } from "socket.io";
import type { SharedInterest } from "./interest.ts";

/** Sends frames and video to those who watch the camera: browsers here, and replicas for theirs. */
export class LiveFanOut {
  private readonly space: Namespace;
  private readonly interest: SharedInterest;

  constructor(space: Namespace, interest: SharedInterest) {
    this.space = space;
    this.interest = interest;
  }

  /** Of a worker that is connected here. */
  frame(frame: LiveFrame): void {
    this.frameHere(frame);
    const withPicture = new Set(this.interest.peersThatWatch("previews", frame.cameraId));
    for (const peer of withPicture) peer.send("frame", frame);
    for (const peer of this.interest.peersThatWatch("frames", frame.cameraId))
      if (!withPicture.has(peer)) peer.send("frame", { ...frame, preview: null });
  }

  video(chunk: VideoChunk): void {
    this.videoHere(chunk);
    for (const peer of this.interest.peersThatWatch("videos", chunk.cameraId)) peer.send("video", chunk);
  }

  /** Boxes go to all browsers here that watch the camera, the picture only to those who asked for it. */
  frameHere(frame: LiveFrame): void {
    const [boxes, pictures] = [`frame:${frame.cameraId}`, `preview:${frame.cameraId}`];
    if (frame.preview) {
      sendEvent(this.space.to(pictures).volatile, gatewayToBrowser, "frame", frame);
      sendEvent(this.space.to(boxes).except(pictures).volatile, gatewayToBrowser, "frame", { ...frame, preview: null });
    } else sendEvent(this.space.to([boxes, pictures]).volatile, gatewayToBrowser, "frame", frame);
  }

  videoHere(chunk: VideoChunk): void {
    sendEvent(this.space.to(`video:${chunk.cameraId}`), gatewayToBrowser, "video", chunk);
  }
}
