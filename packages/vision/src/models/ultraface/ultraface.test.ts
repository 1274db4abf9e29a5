import { describe, expect, it } from "vitest";
import { filled, matchFamily, signatureOf } from "../fake-model.ts";
import type { DetectorSpec } from "../family.ts";
import { ultraFace } from "./family.ts";

const dimensions = { scores: [1, 4420, 2], boxes: [1, 4420, 4] };
const spec = matchFamily(ultraFace, signatureOf([1, 3, 240, 320], dimensions)) as DetectorSpec;

describe("ultraFace", () => {
  it("is fed stretched RGB around 127", () => {
    expect(spec.input).toMatchObject({ width: 320, height: 240, resize: "stretch", mean: 127, scale: 1 / 128 });
  });

  it("takes boxes as fractions of the input, and gives no landmarks", () => {
    const outputs = filled(dimensions, 0);
    outputs["scores"]!.data.set([0.2, 0.8], 77 * 2);
    outputs["boxes"]!.data.set([0.25, 0.5, 0.5, 0.75], 77 * 4);
    const found = spec.decode(outputs, 0, { confidence: 0.5 });
    expect(found).toMatchObject({ count: 1, landmarks: null });
    expect([...found.boxes.slice(0, 4)]).toEqual([80, 120, 160, 180]);
  });
});
