import { describe, expect, it } from "vitest";
import { filled, matchFamily, signatureOf } from "../fake-model.ts";
import type { DetectorSpec } from "../family.ts";
import { retinaFace } from "./family.ts";

const SIDE = 64;
/** Coarsest first, as the export has them. */
function dimensions(batch: number): Record<string, number[]> {
  const all: Record<string, number[]> = {};
  for (const stride of [32, 16, 8]) {
    const cells = SIDE / stride;
    all[`face_rpn_cls_prob_reshape_stride${stride}`] = [batch, 4, cells, cells];
    all[`face_rpn_bbox_pred_stride${stride}`] = [batch, 8, cells, cells];
    all[`face_rpn_landmark_pred_stride${stride}`] = [batch, 20, cells, cells];
  }
  return all;
}
const spec = matchFamily(retinaFace, signatureOf([1, 3, SIDE, SIDE], dimensions(1))) as DetectorSpec;

describe("retinaFace", () => {
  it("is fed letterboxed RGB bytes as they are", () => {
    expect(spec.input).toMatchObject({ width: SIDE, height: SIDE, maxBatch: 1, channels: "rgb", resize: "letterbox", mean: 0, scale: 1 });
  });

  it("decodes an anchor: centre at cell · stride + 7.5, sides counted less one", () => {
    const outputs = filled(dimensions(1), 0);
    const cells = 16;
    const cell = 2 * 4 + 1;
    // Channels: background of both anchors, then face of both; this is the smaller anchor of stride 16, 64 pixels.
    outputs["face_rpn_cls_prob_reshape_stride16"]!.data[3 * cells + cell] = 0.9;
    const boxes = outputs["face_rpn_bbox_pred_stride16"]!.data;
    boxes[4 * cells + cell] = 0.25;
    boxes[6 * cells + cell] = Math.log(0.5);
    const landmarks = outputs["face_rpn_landmark_pred_stride16"]!.data;
    landmarks[10 * cells + cell] = -1;
    landmarks[11 * cells + cell] = 1;
    const found = spec.decode(outputs, 0, { confidence: 0.5 });
    expect(found.count).toBe(1);
    expect(found.scores[0]).toBeCloseTo(0.9);
    const cx = 16 + 7.5 + 0.25 * 64;
    const cy = 32 + 7.5;
    expect([...found.boxes.slice(0, 4)]).toEqual([cx - 15.5, cy - 31.5, cx + 15.5, cy + 31.5].map((value) => expect.closeTo(value, 3)));
    // Landmark offsets are in fifths of the anchor.
    expect([...found.landmarks!.slice(0, 4)]).toEqual([23.5 - 12.8, 39.5 + 12.8, 23.5, 39.5].map((value) => expect.closeTo(value, 3)));
  });

  it("reads the batch's second image", () => {
    const outputs = filled(dimensions(2), 0);
    outputs["face_rpn_cls_prob_reshape_stride32"]!.data[16 + 2 * 4] = 0.8;
    expect(spec.decode(outputs, 0, { confidence: 0.5 }).count).toBe(0);
    expect(spec.decode(outputs, 1, { confidence: 0.5 }).count).toBe(1);
  });

  it("says which output is missing or too short", () => {
    const outputs = filled(dimensions(1), 0);
    expect(() => spec.decode(outputs, 1, { confidence: 0.5 })).toThrow(/too few for image 1/);
    delete outputs["face_rpn_bbox_pred_stride8"];
    expect(() => spec.decode(outputs, 0, { confidence: 0.5 })).toThrow(/no output "face_rpn_bbox_pred_stride8"/);
  });
});
