import { describe, expect, it } from "vitest";
import { measureAccuracy } from "../evaluate/accuracy.ts";
import { type DetectedBoxes, groundTruth } from "../evaluate/ground-truth.ts";
import type { DetectionDataset } from "./dataset.ts";
import { detectionsOf, sharedClasses } from "./select.ts";

const box = (x: number, classIndex: number) => ({ x, y: 0, w: 10, h: 10, classIndex });
/** One image with a car, a dog and two people. */
const dataset: DetectionDataset = {
  format: "coco",
  classes: ["Car", "dog", "person"],
  images: [
    {
      ...{ id: "a.jpg", path: "/a.jpg", width: 100, height: 100, subsets: null },
      truth: groundTruth([box(0, 0), box(20, 1), box(40, 2), box(60, 2)]),
    },
  ],
  ...{ total: 1, missing: [], warnings: [] },
};
const detected = (...rows: [x: number, classIndex: number, score: number][]): DetectedBoxes => ({
  boxes: Float64Array.from(rows.flatMap(([x]) => [x, 0, 10, 10])),
  scores: Float64Array.from(rows, ([, , score]) => score),
  classes: Uint16Array.from(rows, ([, classIndex]) => classIndex),
});

describe("sharedClasses", () => {
  it("keeps the classes that both have, by name", () => {
    const { dataset: shared, classOf } = sharedClasses(dataset, ["person", "bicycle", "car"]);
    expect(shared.classes).toEqual(["Car", "person"]);
    expect([...shared.images[0]!.truth.classes]).toEqual([0, 1, 1]);
    expect(classOf).toEqual([1, -1, 0]);
  });

  it("keeps the class that is asked for, and says where there is none", () => {
    expect(sharedClasses(dataset, ["person", "car"], "CAR")).toMatchObject({ dataset: { classes: ["Car"] }, classOf: [-1, 0] });
    expect(() => sharedClasses(dataset, ["person", "car"], "dog")).toThrow('do not both have the class "dog"');
    expect(() => sharedClasses(dataset, ["cat", "cow"])).toThrow("no class in common");
  });

  it("measures a detector of one class on the only class there is", () => {
    const only = sharedClasses(dataset, ["person"]);
    expect(only).toMatchObject({ dataset: { classes: ["person"] }, classOf: [0] });
    expect(sharedClasses(only.dataset, ["face"])).toMatchObject({ dataset: { classes: ["person"] } });
  });

  it("lets accuracy be averaged over classes: a right box with a wrong name is a false positive and a miss", () => {
    const labels = ["person", "bicycle", "car"];
    const { dataset: shared, classOf } = sharedClasses(dataset, labels);
    const measure = (...rows: Parameters<typeof detected>) =>
      measureAccuracy(shared, detectionsOf([detected(...rows)], classOf), { threshold: 0.5 });
    const right = measure([0, 2, 0.9], [40, 0, 0.9], [60, 0, 0.8], [80, 1, 0.9]);
    expect(right.coco.ap50).toBe(1);
    expect(right.atThreshold).toMatchObject({ truePositives: 3, falsePositives: 0, falseNegatives: 0 });
    const wrong = measure([0, 0, 0.95], [40, 0, 0.9], [60, 0, 0.8]);
    expect(wrong.atThreshold).toMatchObject({ truePositives: 2, falsePositives: 1, falseNegatives: 1 });
    // No car was found, and the best "person" is none.
    expect(wrong.coco.ap50).toBeLessThan(0.5);
  });
});
