import type { PackedFrame } from "@octet/shared/protocol/live-frame";
import { gatewayToBrowser } from "@octet/shared/protocol/live-protocol";
import { sendEvent } from "@octet/shared/protocol/typed-socket";
import type { VideoChunk } from "@octet/shared/protocol/worker-protocol";
import type { Namespace, Socket } from "socket.io";
import type { Peer } from "../replicas/peer.ts";
import type { SharedInterest } from "./interest.ts";

/** Frames for one browser go together: a screen shows the next picture after so many ms anyway. */
const GATHER_MS = 16;
/** Sending takes this share of the time at most: the longer it takes, the more frames go together. */
const SENDING_SHARE = 0.25;
const MOST_GATHER_MS = 100;
/** Frames in one message to a browser at most, the newest. */
const WAITING_MAX = 100;

/** Sends frames and video to those who watch the camera: browsers here, and replicas for theirs. */
export class LiveFanOut {
  private readonly space: Namespace;
  private readonly interest: SharedInterest;
  private readonly waiting = new Map<string, PackedFrame[]>();
  private timer: NodeJS.Timeout | null = null;
  private lastMs = 0;

  constructor(space: Namespace, interest: SharedInterest) {
    this.space = space;
    this.interest = interest;
  }

  /** Of a worker that is connected here. */
  frames(frames: readonly PackedFrame[]): void {
    this.framesHere(frames);
    const forPeers = new Map<Peer, PackedFrame[]>();
    const add = (peer: Peer, frame: PackedFrame): void => {
      const list = forPeers.get(peer);
      if (list) list.push(frame);
      else forPeers.set(peer, [frame]);
    };
    for (const frame of frames) {
      const withPicture = new Set(this.interest.peersThatWatch("previews", frame.cameraId));
      for (const peer of withPicture) add(peer, frame);
      for (const peer of this.interest.peersThatWatch("frames", frame.cameraId))
        if (!withPicture.has(peer)) add(peer, { ...frame, preview: null });
    }
    for (const [peer, list] of forPeers) peer.send("frames", list);
  }

  video(chunk: VideoChunk): void {
    this.videoHere(chunk);
    for (const peer of this.interest.peersThatWatch("videos", chunk.cameraId)) peer.send("video", chunk);
  }

  /** Boxes go to all browsers here that watch the camera, the picture only to those who asked for it. */
  framesHere(frames: readonly PackedFrame[]): void {
    const { rooms } = this.space.adapter;
    for (const frame of frames) {
      const pictures = rooms.get(`preview:${frame.cameraId}`);
      for (const id of pictures ?? []) this.keep(id, frame);
      const bare = frame.preview ? { ...frame, preview: null } : frame;
      for (const id of rooms.get(`frame:${frame.cameraId}`) ?? []) if (!pictures?.has(id)) this.keep(id, bare);
    }
  }

  videoHere(chunk: VideoChunk): void {
    sendEvent(this.space.to(`video:${chunk.cameraId}`), gatewayToBrowser, "video", chunk);
  }

  close(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.waiting.clear();
  }

  private keep(id: string, frame: PackedFrame): void {
    const frames = this.waiting.get(id);
    if (!frames) this.waiting.set(id, [frame]);
    else {
      frames.push(frame);
      if (frames.length > WAITING_MAX) frames.shift();
    }
    this.timer ??= setTimeout(() => this.send(), Math.min(MOST_GATHER_MS, Math.max(GATHER_MS, this.lastMs / SENDING_SHARE)));
  }

  /** A browser whose connection has not taken the last message yet gets the newest frame of each camera once it has. */
  private send(): void {
    this.timer = null;
    const began = performance.now();
    for (const [id, frames] of this.waiting) {
      const socket = this.space.sockets.get(id);
      if (socket && unsent(socket) > 0) {
        this.waiting.set(id, newestOfEach(frames));
        continue;
      }
      this.waiting.delete(id);
      if (socket) sendEvent(socket, gatewayToBrowser, "frames", frames);
    }
    this.lastMs = performance.now() - began;
    if (this.waiting.size > 0) this.timer = setTimeout(() => this.send(), GATHER_MS);
  }
}

const newestOfEach = (frames: readonly PackedFrame[]): PackedFrame[] => [
  ...new Map(frames.map((frame) => [frame.cameraId, frame])).values(),
];

/** Messages that engine.io has not handed to the connection yet: its own count, which its types keep to itself. */
const unsent = (socket: Socket): number => (socket.conn as unknown as { writeBuffer?: unknown[] }).writeBuffer?.length ?? 0;
