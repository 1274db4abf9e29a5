import { describe, expect, it } from "vitest";
import { iou } from "./iou.ts";
import { matchBoxes } from "./match-boxes.ts";

const box = (x: number, score = 0.9) => ({ x, y: 0.1, w: 0.2, h: 0.2, score });

describe("iou", () => {
  it("is 1 for equal, 0 for touching or empty boxes", () => {
    expect(iou(box(0.1), box(0.1))).toBeCloseTo(1);
    expect(iou(box(0.1), box(0.3))).toBeCloseTo(0);
    expect(iou(box(0.1), { ...box(0.1), w: 0 })).toBe(0);
  });
});

describe("matchBoxes", () => {
  it("finds the boxes that only one of two has", () => {
    const [same, lonely, partner] = [box(0.1), box(0.7), box(0.11)];
    expect(matchBoxes([lonely, same], [partner])).toEqual({
      pairs: [{ a: same, b: partner, iou: expect.closeTo(0.9, 1) }],
      onlyA: [lonely],
      onlyB: [],
    });
    expect(matchBoxes([same], [partner, lonely])).toMatchObject({ onlyA: [], onlyB: [lonely] });
  });

  it("lets the better score choose, and gives each box one partner", () => {
    const [worse, better] = [box(0.1, 0.5), box(0.12, 0.9)];
    const exact = box(0.1);
    expect(matchBoxes([worse, better], [exact])).toMatchObject({ pairs: [{ a: better, b: exact }], onlyA: [worse] });
    expect(matchBoxes([exact], [worse, better])).toMatchObject({ pairs: [{ b: worse }], onlyB: [better] });
  });

  it("takes less than half an overlap for too little", () => {
    // 0.1 × 0.2 of 0.06 together: a third.
    expect(matchBoxes([box(0)], [box(0.1)])).toMatchObject({ onlyA: [box(0)], onlyB: [box(0.1)] });
    expect(matchBoxes([box(0)], [box(0.1)], 0.3).pairs).toHaveLength(1);
    expect(matchBoxes([box(0)], [])).toMatchObject({ onlyA: [box(0)], onlyB: [] });
  });
});
