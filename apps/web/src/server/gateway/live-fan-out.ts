import { gatewayToBrowser } from "@octet/shared/protocol/live-protocol";
import { sendEvent } from "@octet/shared/protocol/typed-socket";
import type { LiveFrame, VideoChunk } from "@octet/shared/protocol/worker-protocol";
import type { Namespace, Socket } from "socket.io";
import type { SharedInterest } from "./interest.ts";

/** Messages that may wait for one browser: about a second of a full wall. */
const WAITING_MAX = 100;

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
    const late = [...this.late(boxes), ...this.late(pictures)];
    if (frame.preview) {
      sendEvent(this.space.to(pictures).except(late), gatewayToBrowser, "frame", frame);
      if (this.anyWithout(boxes, pictures))
        sendEvent(this.space.to(boxes).except([pictures, ...late]), gatewayToBrowser, "frame", { ...frame, preview: null });
    } else sendEvent(this.space.to([boxes, pictures]).except(late), gatewayToBrowser, "frame", frame);
  }

  videoHere(chunk: VideoChunk): void {
    sendEvent(this.space.to(`video:${chunk.cameraId}`), gatewayToBrowser, "video", chunk);
  }

  private anyWithout(room: string, other: string): boolean {
    const there = this.space.adapter.rooms.get(other);
    for (const id of this.space.adapter.rooms.get(room) ?? []) if (!there?.has(id)) return true;
    return false;
  }

  /**
   * Browsers that do not keep up: they miss this frame, and get a newer one. (socket.io's `volatile` drops whatever comes before
   * the last message has left, which of several frames in one tick is all but the first.)
   */
  private *late(room: string): Iterable<string> {
    for (const id of this.space.adapter.rooms.get(room) ?? []) if (waitingFor(this.space.sockets.get(id)) >= WAITING_MAX) yield id;
  }
}

/** Messages that engine.io has not handed to the connection yet: its own count, which its types keep to itself. */
const waitingFor = (socket: Socket | undefined): number =>
  (socket?.conn as unknown as { writeBuffer?: unknown[] } | undefined)?.writeBuffer?.length ?? 0;
