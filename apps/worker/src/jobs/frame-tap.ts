import type { InferredFrame } from "@octet/shared/domain/detection";

/** Looks at a frame that was inferred; `picture` is to be called at once, while the frame is kept. */
export type FrameListener = (frame: InferredFrame, picture: () => Promise<Uint8Array | null>) => void;

/** Lets jobs see the live path's frames. */
export class FrameTap {
  private readonly picture: (cameraId: string, seq: number) => Promise<Uint8Array | null>;
  private readonly listeners = new Set<FrameListener>();

  /** @param picture a frame as a JPEG at full resolution; null where it is no longer kept */
  constructor(picture: (cameraId: string, seq: number) => Promise<Uint8Array | null>) {
    this.picture = picture;
  }

  offer(frame: InferredFrame): void {
    for (const listener of this.listeners) listener(frame, () => this.picture(frame.cameraId, frame.seq));
  }

  /** @returns ends it */
  listen(listener: FrameListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
