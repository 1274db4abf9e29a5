import type { Detection } from "@octet/shared/domain/detection";
import { expect, it } from "vitest";
import { matchDetections } from "./match-detections.ts";

const face = (x: number, score: number): Detection => ({
  box: { x, y: 0, w: 0.1, h: 0.1 },
  score,
  label: "face",
  landmarks: null,
  trackId: null,
});

it("pairs by overlap, each once, and counts the rest", () => {
  const matched = matchDetections([face(0.1, 0.9), face(0.5, 0.8), face(0.8, 0.7)], [face(0.51, 0.75), face(0.1, 0.95), face(0.11, 0.5)]);
  expect(matched.pairs.map(({ iou, scoreDelta }) => [iou.toFixed(2), scoreDelta.toFixed(2)])).toEqual([
    ["1.00", "0.05"],
    ["0.82", "-0.05"],
  ]);
  expect(matched).toMatchObject({ onlyA: 1, onlyB: 1 });
});
