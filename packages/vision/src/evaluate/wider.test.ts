import { describe, expect, it } from "vitest";
import fixtures from "./fixtures/wider-cases.json" with { type: "json" };
import type { DetectedBoxes } from "./ground-truth.ts";
import { evaluateWider, type WiderTruth, widerSubsets } from "./wider.ts";

const truthOf = ({ boxes, counted }: (typeof fixtures.cases)[number]["images"][number]): WiderTruth => ({
  boxes: Float64Array.from(boxes),
  counted: {
    easy: Uint8Array.from(counted.easy),
    medium: Uint8Array.from(counted.medium),
    hard: Uint8Array.from(counted.hard),
  },
});
const detectedOf = ({ detected }: (typeof fixtures.cases)[number]["images"][number]): DetectedBoxes => ({
  boxes: Float64Array.from(detected.boxes),
  scores: Float64Array.from(detected.scores),
});

const all = (flags: number[]) => ({ easy: Uint8Array.from(flags), medium: Uint8Array.from(flags), hard: Uint8Array.from(flags) });
const found = (boxes: number[], scores: number[]): DetectedBoxes => ({
  boxes: Float64Array.from(boxes),
  scores: Float64Array.from(scores),
});

describe("evaluateWider", () => {
  it.each(fixtures.cases.map((one, index) => [index, one] as const))("equals the official algorithm on random case %i", (_, one) => {
    const result = evaluateWider(one.images.map(truthOf), one.images.map(detectedOf));
    for (const subset of widerSubsets) {
      const expected = one.expected[subset];
      const { faces, precision, recall, ap } = result[subset];
      expect(faces).toBe(expected.faces);
      expect(ap()).toBeCloseTo(expected.ap, 12);
      for (const [i, t] of [0, 99, 499, 899, 999].entries()) {
        expect(recall[t]! * faces).toBeCloseTo(expected.recalled[i]!, 9);
        const proposals = expected.proposals[i]!;
        expect(precision[t]).toBeCloseTo(proposals === 0 ? 0 : expected.recalled[i]! / proposals, 12);
      }
      expect(ap(new Uint32Array(one.images.length).fill(1))).toBe(ap());
    }
  });

  it("takes a detection on an ignored face out, and counts a second one on a counted face as false", () => {
    const truth: WiderTruth = { boxes: Float64Array.of(0, 0, 20, 20, 100, 0, 20, 20), counted: all([1, 0]) };
    const ignored = evaluateWider([truth], [found([100, 0, 20, 20, 0, 0, 20, 20], [0.9, 0.5])]);
    expect(ignored.easy.ap()).toBe(1);
    const twice = evaluateWider([truth], [found([0, 0, 20, 20, 0, 0, 20, 20], [0.9, 0.5])]);
    expect(twice.easy.precision[0]).toBe(1);
    expect(twice.easy.precision[999]).toBe(0.5);
  });

  it("adds a pixel to sides: boxes of 9 and 4 pixels' width overlap by half", () => {
    // (4+1)·(9+1) of (9+1)·(9+1) pixels is exactly the 0.5 that matches; without the pixel it would be 4/9.
    const truth: WiderTruth = { boxes: Float64Array.of(0, 0, 9, 9), counted: all([1]) };
    expect(evaluateWider([truth], [found([0, 0, 4, 9], [0.7])]).hard.ap()).toBe(1);
    expect(evaluateWider([truth], [found([0, 0, 3.9, 9], [0.7])]).hard.ap()).toBe(0);
  });

  it("counts the faces of images without detections, and has no figure without faces", () => {
    const truth: WiderTruth = { boxes: Float64Array.of(0, 0, 20, 20), counted: all([1]) };
    const none = found([], []);
    expect(evaluateWider([truth, truth], [found([0, 0, 20, 20], [0.7]), none]).easy.ap()).toBe(0.5);
    expect(evaluateWider([{ ...truth, counted: all([0]) }], [none]).easy.ap()).toBeNull();
  });
});
