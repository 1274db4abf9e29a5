import { describe, expect, it } from "vitest";
import { MOST_BOXES, packBoxes, unpackBoxes } from "./dataset.ts";

describe("boxes of a data set's image", () => {
  it("come back as they were, to a ten-thousandth", () => {
    const boxes = [
      { x: 0.1, y: 0.25, w: 0.5, h: 0.75 },
      { x: 0.12345, y: 0, w: 0.00004, h: 1 },
    ];
    const back = unpackBoxes(packBoxes(boxes));
    expect(back).toHaveLength(2);
    for (const [at, box] of back.entries())
      for (const key of ["x", "y", "w", "h"] as const) expect(box[key]).toBeCloseTo(boxes[at]![key], 3);
  });

  it("are cut off at the image, and are not more than are told apart", () => {
    expect(packBoxes([{ x: -0.5, y: 0.9, w: 1, h: 0.3 }])).toEqual([0, 9000, 5000, 1000]);
    expect(packBoxes(Array.from({ length: MOST_BOXES + 5 }, () => ({ x: 0, y: 0, w: 1, h: 1 })))).toHaveLength(4 * MOST_BOXES);
    expect(unpackBoxes([])).toEqual([]);
  });
});
