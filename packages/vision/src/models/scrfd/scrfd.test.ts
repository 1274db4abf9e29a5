import { describe, expect, it } from "vitest";
import { filled, matchFamily, signatureOf } from "../fake-model.ts";
import type { DetectorSpec } from "../family.ts";
import { scrfd } from "./family.ts";

const SIDE = 64;
const rows = [128, 32, 8];
const dimensions = (points: boolean, leading: number[]) =>
  Object.fromEntries(
    [1, 4, ...(points ? [10] : [])].flatMap((size) => rows.map((count, index) => [`${size}_${8 << index}`, [...leading, count, size]])),
  );

describe("scrfd", () => {
  it.each([[[]], [[1]]])("decodes distances and points in strides (leading dimensions %j)", (leading) => {
    const spec = matchFamily(scrfd, signatureOf([1, 3, SIDE, SIDE], dimensions(true, leading))) as DetectorSpec;
    expect(spec.input).toMatchObject({ maxBatch: 1, mean: 127.5, scale: 1 / 128, padValue: 0 });
    const outputs = filled(dimensions(true, leading), 0);
    // Column 3, row 1 of stride 16 (4 cells wide), second anchor.
    const row = (4 + 3) * 2 + 1;
    outputs["1_16"]!.data[row] = 0.7;
    outputs["4_16"]!.data.set([1, 0.5, 0.25, 2], row * 4);
    outputs["10_16"]!.data.set([0.5, -0.5], row * 10);
    const found = spec.decode(outputs, 0, { confidence: 0.5 });
    expect(found.count).toBe(1);
    expect([...found.boxes.slice(0, 4)]).toEqual([48 - 16, 16 - 8, 48 + 4, 16 + 32]);
    expect([...found.landmarks!.slice(0, 4)]).toEqual([56, 8, 48, 16]);
  });

  it("goes without points", () => {
    const spec = matchFamily(scrfd, signatureOf([1, 3, SIDE, SIDE], dimensions(false, []))) as DetectorSpec;
    const outputs = filled(dimensions(false, []), 0);
    outputs["1_8"]!.data[0] = 0.7;
    expect(spec.decode(outputs, 0, { confidence: 0.5 })).toMatchObject({ count: 1, landmarks: null });
  });

  it("never batches an export without a batch dimension in its outputs", () => {
    const spec = matchFamily(scrfd, signatureOf(["n", 3, SIDE, SIDE], dimensions(true, []))) as DetectorSpec;
    expect(spec.input.maxBatch).toBe(1);
  });
});
