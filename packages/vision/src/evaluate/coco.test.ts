import { describe, expect, it } from "vitest";
import { cocoIouThresholds, evaluateCoco } from "./coco.ts";
import fixtures from "./fixtures/coco-cases.json" with { type: "json" };
import { type DetectedBoxes, groundTruth } from "./ground-truth.ts";

const detected = (list: readonly [x: number, y: number, w: number, h: number, score: number][]): DetectedBoxes => ({
  boxes: Float64Array.from(list.flatMap((row) => row.slice(0, 4))),
  scores: Float64Array.from(list, ([, , , , score]) => score),
});

function expectClose(value: number | null, expected: number | null): void {
  if (expected === null) expect(value).toBeNull();
  else expect(value).toBeCloseTo(expected, 12);
}

describe("evaluateCoco", () => {
  it.each(fixtures.cases.map((one, index) => [index, one] as const))("equals pycocotools on random case %i", (_, one) => {
    const result = evaluateCoco(
      one.images.map(({ truth }) => groundTruth(truth)),
      one.images.map(({ detections: { boxes, scores, classes } }) => ({
        boxes: Float64Array.from(boxes),
        scores: Float64Array.from(scores),
        classes: Uint16Array.from(classes),
      })),
      { classCount: one.classCount, maxDetections: one.maxDetections },
    );
    expectClose(result.ap, one.expected.ap);
    expectClose(result.ap50, one.expected.ap50);
    expectClose(result.ap75, one.expected.ap75);
    expectClose(result.apByArea.small, one.expected.small);
    expectClose(result.apByArea.medium, one.expected.medium);
    expectClose(result.apByArea.large, one.expected.large);
    expectClose(result.ar, one.expected.ar);
    // One weight each is no weight.
    expect(result.resamplable.ap.ap(new Uint32Array(one.images.length).fill(1))).toBe(result.ap);
  });

  it("gives half for one of two found, first, and nothing to an empty set", () => {
    const truth = groundTruth([
      { x: 0, y: 0, w: 10, h: 10 },
      { x: 50, y: 50, w: 10, h: 10 },
    ]);
    // Recalls 0, 0.01 … 0.5 are reached with precision 1: 51 of 101.
    expect(evaluateCoco([truth], [detected([[0, 0, 10, 10, 0.9]])]).ap).toBeCloseTo(51 / 101, 12);
    expect(evaluateCoco([groundTruth([])], [detected([[0, 0, 1, 1, 0.5]])]).ap).toBeNull();
    expect(evaluateCoco([truth], [detected([])]).ap).toBe(0);
  });

  it("lets an ignored object take one detection, and a crowd any number", () => {
    const seen = { x: 100, y: 100, w: 20, h: 20 };
    const boxes = detected([
      [0, 0, 20, 20, 0.9],
      [0, 0, 20, 20, 0.8],
      [100, 100, 20, 20, 0.7],
    ]);
    const difficult = groundTruth([{ x: 0, y: 0, w: 20, h: 20, ignore: true }, seen]);
    const crowd = groundTruth([{ x: 0, y: 0, w: 20, h: 20, crowd: true }, seen]);
    expect(evaluateCoco([difficult], [boxes]).ap50).toBeCloseTo(0.5, 9);
    expect(evaluateCoco([crowd], [boxes]).ap50).toBeCloseTo(1, 9);
  });

  it("weights images as if they were there so many times", () => {
    const one = fixtures.cases[1]!;
    const truths = one.images.map(({ truth }) => groundTruth(truth));
    const found = one.images.map(({ detections: { boxes, scores, classes } }) => ({
      boxes: Float64Array.from(boxes),
      // Apart, because of equal scores in one image only the order differs.
      scores: Float64Array.from(scores, (score, i) => score + i * 1e-6),
      classes: Uint16Array.from(classes),
    }));
    const weights = Uint32Array.of(2, 0, 1, 3, 0, 1);
    const repeated = [0, 0, 2, 3, 3, 3, 5];
    const drawn = evaluateCoco(
      repeated.map((i) => truths[i]!),
      repeated.map((i) => found[i]!),
      { classCount: one.classCount },
    );
    const whole = evaluateCoco(truths, found, { classCount: one.classCount });
    expect(whole.resamplable.ap.ap(weights)).toBeCloseTo(drawn.ap!, 12);
    expect(whole.resamplable.ap50.ap(weights)).toBeCloseTo(drawn.ap50!, 12);
  });

  it("has COCO's thresholds", () => {
    expect(cocoIouThresholds.map((value) => value.toFixed(2))).toEqual([
      "0.50",
      "0.55",
      "0.60",
      "0.65",
      "0.70",
      "0.75",
      "0.80",
      "0.85",
      "0.90",
      "0.95",
    ]);
  });

  it("refuses detections that do not fit", () => {
    const truth = groundTruth([{ x: 0, y: 0, w: 1, h: 1 }]);
    const code = (act: () => unknown) => {
      try {
        act();
        return null;
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    expect(code(() => evaluateCoco([truth], []))).toBe("BAD_INPUT");
    expect(code(() => evaluateCoco([truth], [{ boxes: new Float64Array(3), scores: new Float64Array(1) }]))).toBe("BAD_INPUT");
    expect(code(() => evaluateCoco([truth], [detected([[0, 0, Number.NaN, 1, 0.5]])]))).toBe("BAD_INPUT");
  });
});
