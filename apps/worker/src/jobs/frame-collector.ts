import { imageFacts } from "@octet/precision/dataset/image-facts";
import type { ArtifactRef } from "@octet/shared/domain/artifact";
import { hashDistance } from "@octet/shared/domain/coverage";
import type { DatasetImage } from "@octet/shared/domain/dataset";
import type { InferredFrame } from "@octet/shared/domain/detection";
import type { JobPayload, JobResult } from "@octet/shared/domain/job";

/** Pictures that are being looked at and sent; beyond it a frame is passed over, and the next one is tried. */
const MAX_PENDING = 16;

export interface FrameCollectorOptions {
  payload: JobPayload<"collect">;
  upload(jpeg: Uint8Array): Promise<ArtifactRef>;
  /** After each picture. */
  onPicture(kept: number): void;
  onLog(line: string): void;
  /** Called once, where pictures cannot be sent. */
  onFailure(error: unknown): void;
}

/** Chooses frames for a calibration set: due by the clock, with or without faces as asked, none that looks like one before. */
export class FrameCollector {
  private readonly options: FrameCollectorOptions;
  private readonly dueAt: Map<string, number>;
  private readonly images: DatasetImage[] = [];
  private seen = 0;
  private duplicates = 0;
  private pending = 0;
  private working: Promise<void> = Promise.resolve();
  private failed = false;

  constructor(options: FrameCollectorOptions) {
    this.options = options;
    this.dueAt = new Map(options.payload.cameraIds.map((id) => [id, Number.NEGATIVE_INFINITY]));
  }

  get full(): boolean {
    return this.images.length >= this.options.payload.maxImages;
  }

  get cameraIds(): ReadonlySet<string> {
    return new Set(this.dueAt.keys());
  }

  offer(frame: InferredFrame, picture: () => Promise<Uint8Array | null>): void {
    const { everySeconds, faces, maxImages } = this.options.payload;
    const { cameraId, capturedAt, detections } = frame;
    const dueAt = this.dueAt.get(cameraId);
    if (dueAt === undefined || capturedAt < dueAt || this.failed) return;
    if (faces !== "any" && (faces === "with") !== detections.length > 0) return;
    if (this.pending >= MAX_PENDING || this.images.length + this.pending >= maxImages) return;
    // From its own time and not from when it was due: what was missed is not caught up with.
    this.dueAt.set(cameraId, capturedAt + everySeconds * 1000);
    this.pending++;
    const jpeg = picture();
    // One after the other, so that which of two alike is kept does not depend on which is faster to send.
    this.working = this.working
      .then(async () => {
        const bytes = await jpeg;
        if (bytes) await this.take(frame, bytes);
        // The frame was gone already: the next one will do.
        else this.dueAt.set(cameraId, Number.NEGATIVE_INFINITY);
      })
      .catch((error: unknown) => {
        if (!this.failed) this.options.onFailure(error);
        this.failed = true;
      })
      .finally(() => this.pending--);
  }

  /** Once what is under way is done. */
  async finish(): Promise<JobResult<"collect">> {
    await this.working;
    return { images: this.images, seen: this.seen, duplicates: this.duplicates };
  }

  private async take({ cameraId, capturedAt, detections }: InferredFrame, jpeg: Uint8Array): Promise<void> {
    const { payload, upload, onPicture, onLog } = this.options;
    if (this.failed || this.full) return;
    this.seen++;
    const facts = await imageFacts(jpeg);
    if (this.images.some(({ dhash }) => hashDistance(dhash, facts.dhash) < payload.minHashDistance)) {
      this.duplicates++;
      return;
    }
    const taken = new Date(capturedAt);
    const name = taken.toISOString().replaceAll(":", "-");
    this.images.push({
      path: `images/${cameraId}/${name}.jpg`,
      ...(await upload(jpeg)),
      ...facts,
      cameraId,
      capturedAt: taken,
      faces: detections.length,
      faceSizes: detections.map(({ box }) => box.h),
    });
    onLog(`${cameraId} ${name}: ${detections.length} faces, brightness ${facts.brightness.toFixed(0)}`);
    onPicture(this.images.length);
  }
}
