import { decodeModel } from "@octet/onnx/io/decode-model";
import type { Model } from "@octet/onnx/ir/model";
import type { Feeds } from "@octet/quantize/int8/quantize-model";
import type { DetectorSpec, RawDetections } from "@octet/vision/models/family";
import { recogniseDetector } from "@octet/vision/models/recognise";
import { beforeAll, describe, expect, it } from "vitest";
import { signatureOf } from "../inspect/inspect-model.ts";
import { redDetector } from "../testing/red-detector.ts";
import { DetectionReference } from "./detection-error.ts";

const SIDE = 64;
const CELL = 8;
const detector = (bias?: number): Model => decodeModel(redDetector(bias === undefined ? {} : { bias }));
const spec = recogniseDetector(signatureOf(detector()));

/** Planes of a picture that is grey but for red cells of such strengths (0–1), each in a row of its own. */
function picture(...strengths: number[]): Float32Array {
  const data = new Float32Array(3 * SIDE * SIDE).fill(0.35);
  for (const [row, strength] of strengths.entries())
    for (let y = row * 2 * CELL; y < (row * 2 + 1) * CELL; y++)
      for (let x = 3 * CELL; x < 4 * CELL; x++)
        for (const [plane, value] of [strength, 0, 0].entries()) data[(plane * SIDE + y) * SIDE + x] = value;
  return data;
}

/** One buffer for all of them, as whoever feeds may do. */
function feedsOf(...pictures: Float32Array[]): Feeds {
  return function* () {
    const data = new Float32Array(3 * SIDE * SIDE);
    for (const one of pictures) {
      data.set(one);
      yield { [spec.input.name]: { dims: [1, 3, SIDE, SIDE], data } };
    }
  };
}

describe("DetectionReference", () => {
  let reference: DetectionReference;
  beforeAll(async () => {
    reference = (await DetectionReference.create(detector(), spec, feedsOf(picture(), picture(0.9, 0.8), picture(1, 0.7, 0.3)), 2))!;
  });

  it("finds no difference between a model and itself", async () => {
    expect(await reference.sqnrDb(detector())).toBe(Number.POSITIVE_INFINITY);
  });

  it("takes a box without a size for nothing, whatever its score", async () => {
    const sizes = (of: (raw: RawDetections) => void): DetectorSpec => ({
      ...spec,
      decode: (...args) => {
        const raw = spec.decode(...args);
        of(raw);
        return raw;
      },
    });
    /** All but the upper half of the picture. */
    const upperOnly = sizes(({ boxes, count }) => {
      for (let at = 0; at < 4 * count; at += 4) if (boxes[at + 1]! > SIDE / 2) boxes[at + 3] = boxes[at + 1]! - 1;
    });
    const feeds = feedsOf(picture(1, 0.9, 0.8, 0.9));
    const [whole, upper] = await Promise.all([spec, upperOnly].map((one) => DetectionReference.create(detector(), one, feeds, 1)));
    expect(await upper!.sqnrDb(detector())).toBe(Number.POSITIVE_INFINITY);
    // What is off in the lower half counts only where something is seen there.
    const lost = await whole!.sqnrDb(detector(7));
    expect(await upper!.sqnrDb(detector(7))).not.toBeCloseTo(lost, 3);
  });

  it("is the lower the more scores are off, and at places of detections alone", async () => {
    const [little, more] = [await reference.sqnrDb(detector(6.2)), await reference.sqnrDb(detector(7.5))];
    expect(more).toBeGreaterThan(5);
    expect(little).toBeGreaterThan(more + 10);
  });

  it("counts what background is taken for", async () => {
    // A score of 0.12 at each place that is not red.
    expect(await reference.sqnrDb(detector(2))).toBeLessThan(10);
    expect(await reference.sqnrDb(detector(5))).toBeGreaterThan(10);
  });

  it("looks at the pictures with most to see first", async () => {
    const rich = (await DetectionReference.create(detector(), spec, feedsOf(picture(1, 0.7, 0.3)), 2))!;
    expect(await reference.sqnrDb(detector(7), 1)).toBeCloseTo(await rich.sqnrDb(detector(7)), 9);
    expect(await reference.sqnrDb(detector(7))).not.toBeCloseTo(await rich.sqnrDb(detector(7)), 3);
  });

  it("takes all for lost where scores are not numbers", async () => {
    const broken = detector();
    for (const tensor of broken.graph.initializers.values())
      if (tensor.data instanceof Float32Array && tensor.dims.length === 4) tensor.data.fill(Number.NaN);
    expect(await reference.sqnrDb(broken)).toBe(Number.NEGATIVE_INFINITY);
  });

  it("judges by nothing where there is nothing to see", async () => {
    expect(await DetectionReference.create(detector(), spec, feedsOf(picture(), picture()), 2)).toBeNull();
  });
});
