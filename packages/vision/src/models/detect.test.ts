import { describe, expect, it } from "vitest";
import { planResize } from "../letterbox/letterbox.ts";
import { type PostprocessOptions, postprocess } from "./detect.ts";
import { signatureOf } from "./fake-model.ts";
import { recogniseDetector } from "./recognise.ts";

const spec = recogniseDetector(signatureOf(["b", 3, 640, 640], { output: ["b", "n", 16] }));
/** 1920×1080 in 640×640: a third, 140 rows of padding above. */
const plan = planResize({ srcWidth: 1920, srcHeight: 1080, dstWidth: 640, dstHeight: 640, mode: "letterbox" });

/** Rows of cx, cy, w, h in input pixels and a score. */
function run(...rows: [cx: number, cy: number, w: number, h: number, score: number][]) {
  const data = Float32Array.from(rows.flatMap(([cx, cy, w, h, score]) => [cx, cy, w, h, score, cx, cy, 0, 0, 0, 0, 0, 0, 0, 0, 1]));
  return (options: PostprocessOptions = { confidence: 0.5 }) =>
    postprocess(spec, { output: { dims: [1, rows.length, 16], data } }, 0, plan, options);
}

describe("postprocess", () => {
  it("gives fractions of the frame, best first, without track", () => {
    const found = run([320, 320, 64, 36, 0.6], [160, 230, 64, 36, 0.9])();
    expect(found.map(({ score }) => score)).toEqual([expect.closeTo(0.9), expect.closeTo(0.6)]);
    expect(found[0]).toMatchObject({ label: "face", trackId: null });
    const { x, y, w, h } = found[1]!.box;
    expect([x, y, w, h]).toEqual([0.45, 0.45, 0.1, 0.1].map((value) => expect.closeTo(value, 5)));
    expect(found[1]!.landmarks!.slice(0, 2)).toEqual([expect.closeTo(0.5), expect.closeTo(0.5)]);
  });

  it("clips to the frame, and leaves out what lies in the padding or is no number", () => {
    const [clipped, ...more] = run([0, 140, 64, 72, 0.9], [320, 50, 40, 40, 0.9], [Number.NaN, 320, 40, 40, 0.9])();
    expect(more).toEqual([]);
    expect(clipped!.box).toEqual({ x: 0, y: 0, w: expect.closeTo(0.05), h: expect.closeTo(0.1) });
  });

  it("gives a detector's only class where it is wanted", () => {
    const one = run([320, 320, 64, 36, 0.6]);
    expect(one({ confidence: 0.5, labels: ["Face"] })).toHaveLength(1);
    expect(one({ confidence: 0.5, labels: ["person"] })).toEqual([]);
  });

  it("suppresses overlaps and keeps to the limits", () => {
    const many = run([100, 320, 40, 40, 0.7], [104, 320, 40, 40, 0.8], [300, 320, 40, 40, 0.6], [500, 320, 40, 40, 0.3]);
    expect(many()).toHaveLength(2);
    expect(many({ confidence: 0.2 })).toHaveLength(3);
    expect(many({ confidence: 0.5, maxDetections: 1 })).toHaveLength(1);
    expect(many({ confidence: 0.5, nmsIou: 0.95 })).toHaveLength(3);
  });
});
