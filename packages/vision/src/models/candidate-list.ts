import type { RawDetections } from "./family.ts";

/** Grows as candidates pass the threshold: most frames have few, so that nothing is allocated per anchor. */
export class CandidateList {
  count = 0;
  boxes: Float32Array;
  scores: Float32Array;
  landmarks: Float32Array | null;
  classes: Uint16Array | null;

  constructor({ landmarks = false, classes = false, capacity = 64 }: { landmarks?: boolean; classes?: boolean; capacity?: number }) {
    this.boxes = new Float32Array(capacity * 4);
    this.scores = new Float32Array(capacity);
    this.landmarks = landmarks ? new Float32Array(capacity * 10) : null;
    this.classes = classes ? new Uint16Array(capacity) : null;
  }

  /** Adds a candidate (corners in input pixels) and returns where its landmarks go in `landmarks`. */
  add(score: number, x1: number, y1: number, x2: number, y2: number, classIndex = 0): number {
    const index = this.count++;
    if (index === this.scores.length) this.grow();
    this.scores[index] = score;
    this.boxes[index * 4] = x1;
    this.boxes[index * 4 + 1] = y1;
    this.boxes[index * 4 + 2] = x2;
    this.boxes[index * 4 + 3] = y2;
    if (this.classes) this.classes[index] = classIndex;
    return index * 10;
  }

  toRaw(): RawDetections {
    return { count: this.count, boxes: this.boxes, scores: this.scores, landmarks: this.landmarks, classes: this.classes };
  }

  private grow(): void {
    const bigger = (old: Float32Array) => {
      const grown = new Float32Array(old.length * 2);
      grown.set(old);
      return grown;
    };
    this.boxes = bigger(this.boxes);
    this.scores = bigger(this.scores);
    if (this.landmarks) this.landmarks = bigger(this.landmarks);
    if (this.classes) {
      const grown = new Uint16Array(this.classes.length * 2);
      grown.set(this.classes);
      this.classes = grown;
    }
  }
}
