import type { DetectedFrame } from "./detected-frame.ts";
import { writeAnnotated } from "./annotate.ts";

const COUNTER = /%0?(\d*)d/;

/** Writes annotated pictures of a video: all of them where the name holds `%d` or `%04d`, else the one with most detections. */
export class PictureWriter {
  readonly written: string[] = [];
  readonly #file: string;
  #best: { frame: DetectedFrame; picture: Uint8Array } | null = null;

  constructor(file: string) {
    this.#file = file;
  }

  async add(frame: DetectedFrame, picture: Uint8Array): Promise<void> {
    if (COUNTER.test(this.#file)) {
      const file = this.#file.replace(COUNTER, (_, digits: string) => String(frame.index).padStart(Number(digits), "0"));
      await this.#write(frame, picture, file);
    } else if (!this.#best || frame.detections.length > this.#best.frame.detections.length) this.#best = { frame, picture };
  }

  async finish(): Promise<void> {
    if (this.#best) await this.#write(this.#best.frame, this.#best.picture, this.#file);
  }

  async #write(frame: DetectedFrame, picture: Uint8Array, file: string): Promise<void> {
    await writeAnnotated(picture, frame.detections, file);
    this.written.push(file);
  }
}
