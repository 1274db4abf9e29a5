import { describe, expect, it } from "vitest";
import { filled, matchFamily, signatureOf } from "../fake-model.ts";
import type { DetectorSpec } from "../family.ts";
import { yuNet } from "./family.ts";

const cells = { 8: 64, 16: 16, 32: 4 };
const dimensions: Record<string, number[]> = {};
for (const [role, size] of Object.entries({ cls: 1, obj: 1, bbox: 4, kps: 10 }))
  for (const [stride, count] of Object.entries(cells)) dimensions[`${role}_${stride}`] = [1, count, size];
const spec = matchFamily(yuNet, signatureOf([1, 3, 64, 64], dimensions)) as DetectorSpec;

describe("yuNet", () => {
  it("is fed BGR bytes as they are", () => {
    expect(spec.input).toMatchObject({ channels: "bgr", mean: 0, scale: 1, padValue: 0 });
  });

  it("decodes: score √(cls · obj), centre (cell + xy) · stride, size exp(wh) · stride", () => {
    const outputs = filled(dimensions, 0);
    const cell = 2 * 4 + 1;
    outputs["cls_16"]!.data[cell] = 0.9;
    outputs["obj_16"]!.data[cell] = 0.4;
    outputs["bbox_16"]!.data.set([0.5, 0.25, Math.log(2), 0], cell * 4);
    outputs["kps_16"]!.data.set([1, -1], cell * 10);
    const found = spec.decode(outputs, 0, { confidence: 0.5 });
    expect(found.count).toBe(1);
    expect(found.scores[0]).toBeCloseTo(0.6);
    expect([...found.boxes.slice(0, 4)]).toEqual([24 - 16, 36 - 8, 24 + 16, 36 + 8].map((value) => expect.closeTo(value, 4)));
    expect([...found.landmarks!.slice(0, 4)]).toEqual([32, 16, 16, 32]);
    expect(spec.decode(outputs, 0, { confidence: 0.61 }).count).toBe(0);
  });
});
