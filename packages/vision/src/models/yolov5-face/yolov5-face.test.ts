import { describe, expect, it } from "vitest";
import { filled, matchFamily, signatureOf } from "../fake-model.ts";
import type { DetectorSpec } from "../family.ts";
import { yolov5Face } from "./family.ts";

const SIDE = 64;
const logit = (p: number) => Math.log(p / (1 - p));
/** A face in the cell at column 3, row 2 of stride 8, by its second anchor (8×10), centred in the cell, half as wide as the anchor. */
const values = [0.5, 0.5, Math.sqrt(0.5) / 2, 0.5].map(logit).concat(logit(0.9), [1, -1, 0, 0, 0, 0, 0, 0, 0, 0], logit(0.8));
const expected = { score: 0.72, box: [28 - 2, 20 - 5, 28 + 2, 20 + 5], firstLandmark: [24 + 8, 16 - 10] };

function check(spec: DetectorSpec, outputs: ReturnType<typeof filled>): void {
  const found = spec.decode(outputs, 0, { confidence: 0.5 });
  expect(found.count).toBe(1);
  expect(found.scores[0]).toBeCloseTo(expected.score, 4);
  expect([...found.boxes.slice(0, 4)]).toEqual(expected.box.map((value) => expect.closeTo(value, 3)));
  expect([...found.landmarks!.slice(0, 2)]).toEqual(expected.firstLandmark.map((value) => expect.closeTo(value, 3)));
  expect(spec.decode(outputs, 0, { confidence: 0.75 }).count).toBe(0);
}

describe("yolov5Face", () => {
  it("reads raw heads with channels first", () => {
    const dimensions = { a: [1, 48, 8, 8], b: [1, 48, 4, 4], c: [1, 48, 2, 2] };
    const spec = matchFamily(yolov5Face, signatureOf([1, 3, SIDE, SIDE], dimensions)) as DetectorSpec;
    const outputs = filled(dimensions, -20);
    for (const [index, value] of values.entries()) outputs["a"]!.data[(16 + index) * 64 + 2 * 8 + 3] = value;
    check(spec, outputs);
  });

  it("reads raw heads with channels last, in any order", () => {
    const dimensions = { c: [1, 3, 2, 2, 16], b: [1, 3, 4, 4, 16], a: [1, 3, 8, 8, 16] };
    const spec = matchFamily(yolov5Face, signatureOf([1, 3, SIDE, SIDE], dimensions)) as DetectorSpec;
    const outputs = filled(dimensions, -20);
    outputs["a"]!.data.set(values, (64 + 2 * 8 + 3) * 16);
    check(spec, outputs);
  });

  it("reads decoded rows, and prefers them where the heads come along", () => {
    const dimensions = { output: [1, 252, 16], a: [1, 3, 8, 8, 16], b: [1, 3, 4, 4, 16], c: [1, 3, 2, 2, 16] };
    const spec = matchFamily(yolov5Face, signatureOf(["batch", 3, SIDE, SIDE], dimensions)) as DetectorSpec;
    expect(spec.input).toMatchObject({ maxBatch: null, padValue: 114, scale: 1 / 255 });
    const outputs = filled(dimensions, 0);
    outputs["output"]!.data.set([28, 20, 4, 10, 0.9, 32, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0.8], 100 * 16);
    check(spec, outputs);
  });
});
