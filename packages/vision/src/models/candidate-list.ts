import type { RawDetections } from "./family.ts";

/** Grows as candidates pass the threshold: most frames have few, so that nothing is allocated per anchor. */
export class CandidateList {
  count = 0;
  boxes: Float32Array;
  scores: Float32Array;
  landmarks: Float32Array | null;

  constructor(withLandmarks: boolean, capacity = 64) {
    this.boxes = new Float32Array(capacity * 4);
    this.scores = new Float32Array(capacity);
    this.landmarks = withLandmarks ? new Float32Array(capacity * 10) : null;
  }

  /** Adds a candidate (corners in input pixels) and returns where its landmarks go in `landmarks`. */
  add(score: number, x1: number, y1: number, x2: number, y2: number): number {
    const index = this.count++;
    if (index === this.scores.length) this.grow();
    this.scores[index] = score;
    this.boxes[index * 4] = x1;
    this.boxes[index * 4 + 1] = y1;
    this.boxes[index * 4 + 2] = x2;
    this.boxes[index * 4 + 3] = y2;
    return index * 10;
  }

  toRaw(): RawDetections {
    return { count: this.count, boxes: this.boxes, scores: this.scores, landmarks: this.landmarks };
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
  }
}
