import { readFileSync } from "node:fs";
import { testdata } from "@octet/testing/testdata";
import { describe, expect, it } from "vitest";
import { evaluateWider, widerSubsets } from "../evaluate/wider.ts";
import { readWiderMat, type WiderEntry } from "./wider-mat.ts";

const folder = testdata("wider", "ground_truth");

/** A detector that is made up by formula: misses, duplicates' neighbours, boxes a little off, scores all over. */
function madeUp({ boxes }: WiderEntry, i: number) {
  const found: number[] = [];
  const scores: number[] = [];
  for (let f = 0; f < boxes.length / 4; f++) {
    const [x, y, w, h] = boxes.subarray(f * 4, f * 4 + 4) as unknown as [number, number, number, number];
    if ((i * 7 + f * 13) % 5 === 0) continue;
    found.push(x + (((i + f) % 7) - 3) * (w / 20), y + (((i + 2 * f) % 5) - 2) * (h / 20), w * (1 + (((i + 3 * f) % 9) - 4) / 30), h);
    scores.push(((i * 31 + f * 17) % 997) / 1000 + 0.001);
    if ((i + f) % 11 !== 0) continue;
    found.push(x + w * 2, y, w, h);
    scores.push(((i * 13 + f * 5) % 701) / 1000 + 0.001);
  }
  return { boxes: Float64Array.from(found), scores: Float64Array.from(scores) };
}

/** By an independent Python program after the official evaluation, on the official files as scipy reads them. */
const expected = {
  easy: { faces: 7211, ap: 0.6636807767104582, firstAp: 0.5345842312246818, firstFaces: 451 },
  medium: { faces: 13319, ap: 0.715956621395041, firstAp: 0.6593847509005664, firstFaces: 1170 },
  hard: { faces: 31958, ap: 0.7610113910628379, firstAp: 0.7575586791190426, firstFaces: 4885 },
};

describe.skipIf(folder === null)("WIDER FACE's official ground truth (test data)", () => {
  const file = (name: string) => ({ name, bytes: readFileSync(`${folder}/wider_${name}_val.mat`) });
  const read = () => readWiderMat(file("face"), { easy: file("easy"), medium: file("medium"), hard: file("hard") });

  it("is read whole, and gives the known AP of made-up detections, for all images and for a part", () => {
    const entries = read();
    expect(entries).toHaveLength(3226);
    expect(entries.reduce((sum, { boxes }) => sum + boxes.length / 4, 0)).toBe(39708);
    expect(new Set(entries.map(({ event }) => event)).size).toBe(61);
    const detections = entries.map(madeUp);
    const whole = evaluateWider(entries, detections);
    const part = evaluateWider(entries.slice(0, 200), detections.slice(0, 200));
    for (const subset of widerSubsets) {
      expect(whole[subset].faces).toBe(expected[subset].faces);
      expect(whole[subset].ap()).toBeCloseTo(expected[subset].ap, 12);
      expect(part[subset].faces).toBe(expected[subset].firstFaces);
      expect(part[subset].ap()).toBeCloseTo(expected[subset].firstAp, 12);
    }
  });

  it("is refused with the file's name where one is another", () => {
    expect(() => readWiderMat(file("face"), { easy: file("face"), medium: file("medium"), hard: file("hard") })).toThrow(
      'face: it has no cell array "gt_list"',
    );
  });
});
