import { describe, expect, it } from "vitest";
import { groundTruth } from "./ground-truth.ts";
import { operatingPoints } from "./operating-point.ts";

const truths = [
  groundTruth([
    { x: 0, y: 0, w: 10, h: 10 },
    { x: 50, y: 0, w: 10, h: 10 },
    { x: 100, y: 0, w: 10, h: 10, ignore: true },
  ]),
  groundTruth([{ x: 0, y: 0, w: 10, h: 10 }]),
];
const detections = [
  {
    // hit, duplicate of it, the ignored one, a miss of everything
    boxes: Float64Array.of(0, 0, 10, 10, 1, 0, 10, 10, 100, 0, 10, 10, 200, 0, 10, 10),
    scores: Float64Array.of(0.9, 0.6, 0.8, 0.3),
  },
  { boxes: Float64Array.of(0, 1, 10, 10), scores: Float64Array.of(0.6) },
];

describe("operatingPoints", () => {
  const points = operatingPoints(truths, detections);

  it("counts hits, false positives and misses at a threshold that belongs to it", () => {
    expect(points.at(0.6)).toEqual({
      threshold: 0.6,
      truePositives: 2,
      falsePositives: 1,
      falseNegatives: 1,
      precision: 2 / 3,
      recall: 2 / 3,
      missRate: 1 / 3,
      falsePositivesPerImage: 0.5,
      falseDiscoveryRate: 1 / 3,
      f1: 2 / 3,
    });
    expect(points.at(0.61)).toMatchObject({ truePositives: 1, falsePositives: 0, falseNegatives: 2, precision: 1 });
    expect(points.at(0)).toMatchObject({ truePositives: 2, falsePositives: 2, falsePositivesPerImage: 1, f1: 4 / 7 });
    expect(points.at(0.95)).toMatchObject({ truePositives: 0, precision: null, recall: 0, falseDiscoveryRate: null, f1: 0 });
  });

  it("finds the threshold with the largest F1, with equal scores taken together", () => {
    expect(points.best).toEqual(points.at(0.6));
    const none = operatingPoints(
      truths,
      truths.map(() => ({ boxes: new Float64Array(0), scores: new Float64Array(0) })),
    );
    expect(none.best).toBeNull();
  });
});
