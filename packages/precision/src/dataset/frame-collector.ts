import type { ArtifactRef } from "@octet/shared/domain/artifact";
import { hashDistance } from "@octet/shared/domain/coverage";
import { type DatasetImage, packBoxes } from "@octet/shared/domain/dataset";
import type { InferredFrame } from "@octet/shared/domain/detection";
import type { JobPayload, JobResult } from "@octet/shared/domain/job";
import { imageFacts } from "./image-facts.ts";

/** Pictures that are being looked at and sent; beyond it a frame is passed over, and the next one is tried. */
const MAX_PENDING = 16;

export interface FrameCollectorOptions {
  payload: Omit<JobPayload<"collect">, "forSeconds" | "collectionId">;
  upload(jpeg: Uint8Array): Promise<ArtifactRef>;
  /** After each picture. */
  onPicture(kept: number): void;
  onLog(line: string): void;
  /** Called once, where pictures cannot be sent. */
  onFailure(error: unknown): void;
}

/**
 * Chooses frames for a calibration set: due by the clock, with or without faces as asked, none that looks like one before; where
 * they are to be spread over the light, frames of light that is rare so far take the place of those whose light is common.
 */
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

  /** Nothing that comes can still be kept: images that are to be spread over the light may give way to better ones to the end. */
  get full(): boolean {
    return this.options.payload.spread === "none" && this.images.length >= this.options.payload.maxImages;
  }

  get cameraIds(): ReadonlySet<string> {
    return new Set(this.dueAt.keys());
  }

  /** Whether a frame of this time would be looked at: what is not need not be inferred for it. */
  isDue(cameraId: string, capturedAt: number): boolean {
    const dueAt = this.dueAt.get(cameraId);
    return dueAt !== undefined && capturedAt >= dueAt && !this.failed && !this.full;
  }

  offer(frame: InferredFrame, picture: () => Promise<Uint8Array | null>): void {
    const { everySeconds, faces, maxImages, spread } = this.options.payload;
    const { cameraId, capturedAt, detections } = frame;
    if (!this.isDue(cameraId, capturedAt)) return;
    if (faces !== "any" && (faces === "with") !== detections.length > 0) return;
    if (this.pending >= MAX_PENDING || (spread === "none" && this.images.length + this.pending >= maxImages)) return;
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

  /** Resolves when the pictures that were offered until now are kept or left out. */
  settled(): Promise<void> {
    return this.working;
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
    if (this.images.length >= payload.maxImages) {
      const giving = crowdedOut(this.images, facts.brightness);
      if (giving === null) return;
      this.images.splice(giving, 1);
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
      boxes: packBoxes(detections.map(({ box }) => box)),
      boxClasses: [],
    });
    onLog(`${cameraId} ${name}: ${detections.length} faces, brightness ${facts.brightness.toFixed(0)}`);
    onPicture(this.images.length);
  }
}

const LIGHT_BINS = 8;
const lightOf = (brightness: number): number => Math.min(LIGHT_BINS - 1, Math.floor((brightness * LIGHT_BINS) / 256));

/**
 * Which image makes room for one of this brightness (mean luma, 0–255): the second of the pair that was taken closest to each
 * other in the light that most images have; null where that light is not more common than the new one's by two or more.
 */
export function crowdedOut(images: readonly Pick<DatasetImage, "brightness" | "capturedAt">[], brightness: number): number | null {
  const bins = Array.from({ length: LIGHT_BINS }, () => [] as { at: number; time: number }[]);
  for (const [at, image] of images.entries()) bins[lightOf(image.brightness)]!.push({ at, time: image.capturedAt?.getTime() ?? 0 });
  const largest = bins.reduce((a, b) => (b.length > a.length ? b : a));
  if (largest.length < bins[lightOf(brightness)]!.length + 2) return null;
  largest.sort((a, b) => a.time - b.time);
  let closest = 1;
  for (let at = 2; at < largest.length; at++)
    if (largest[at]!.time - largest[at - 1]!.time < largest[closest]!.time - largest[closest - 1]!.time) closest = at;
  return largest[closest]!.at;
}
