import { planResize } from "@octet/vision/letterbox/letterbox";
import { describe, expect, it } from "vitest";
import { packPlanar } from "./pack-planar.ts";

describe("packPlanar", () => {
  // Two pixels side by side, red-ish and blue-ish, in a 2×4 input: one row of padding above, two below.
  const plan = planResize({ srcWidth: 2, srcHeight: 1, dstWidth: 2, dstHeight: 4, mode: "letterbox" });
  const rgb = Uint8Array.from([1, 2, 3, 4, 5, 6]);
  const planes = (bytes: Uint8Array) => [0, 8, 16].map((at) => [...bytes.subarray(at, at + 8)]);

  it("places planes in the middle, padding around", () => {
    expect(planes(packPlanar(rgb, plan, { channels: "rgb", padValue: 9 }))).toEqual([
      [9, 9, 1, 4, 9, 9, 9, 9],
      [9, 9, 2, 5, 9, 9, 9, 9],
      [9, 9, 3, 6, 9, 9, 9, 9],
    ]);
  });

  it("swaps red and blue for BGR", () => {
    expect(planes(packPlanar(rgb, plan, { channels: "bgr", padValue: 0 })).map((plane) => plane[2])).toEqual([3, 2, 1]);
  });
});
