import { describe, expect, it } from "vitest";
import { nms } from "./nms.ts";

const input = (...rows: [x1: number, y1: number, x2: number, y2: number, score: number][]) => ({
  count: rows.length,
  boxes: Float32Array.from(rows.flatMap((row) => row.slice(0, 4))),
  scores: Float32Array.from(rows.map((row) => row[4])),
});

describe("nms", () => {
  it("keeps the best of overlapping boxes and all separate ones, best first", () => {
    const boxes = input([0, 0, 10, 10, 0.6], [1, 0, 11, 10, 0.9], [50, 50, 60, 60, 0.7], [0, 1, 10, 11, 0.5]);
    expect(nms(boxes, { iou: 0.4, max: 100 })).toEqual([1, 2]);
  });

  it("drops only above the threshold", () => {
    // Half overlap: IoU 1/3.
    const boxes = input([0, 0, 10, 10, 0.9], [5, 0, 15, 10, 0.8]);
    expect(nms(boxes, { iou: 1 / 3 + 1e-6, max: 100 })).toEqual([0, 1]);
    expect(nms(boxes, { iou: 0.3, max: 100 })).toEqual([0]);
  });

  it("is not chained: a dropped box drops no other", () => {
    const boxes = input([0, 0, 10, 10, 0.9], [4, 0, 14, 10, 0.8], [8, 0, 18, 10, 0.7]);
    expect(nms(boxes, { iou: 0.4, max: 100 })).toEqual([0, 2]);
  });

  it("lets only wanted classes count, towards its limits too", () => {
    const boxes = { ...input([0, 0, 9, 9, 0.9], [0, 0, 9, 9, 0.8], [20, 0, 29, 9, 0.7]), classes: Uint16Array.of(0, 1, 1) };
    const wanted = Uint8Array.of(0, 1);
    expect(nms(boxes, { iou: 0.4, max: 100 })).toEqual([0, 1, 2]);
    expect(nms(boxes, { iou: 0.4, max: 100, wanted })).toEqual([1, 2]);
    expect(nms(boxes, { iou: 0.4, max: 1, candidates: 1, wanted })).toEqual([1]);
    expect(nms({ ...boxes, classes: null }, { iou: 0.4, max: 100, wanted })).toEqual([]);
  });

  it("stops at the limit, keeps order among equals, and takes nothing", () => {
    const apart = input([0, 0, 1, 1, 0.5], [2, 0, 3, 1, 0.5], [4, 0, 5, 1, 0.5]);
    expect(nms(apart, { iou: 0.4, max: 2 })).toEqual([0, 1]);
    expect(nms(input(), { iou: 0.4, max: 2 })).toEqual([]);
  });
});
