import { expect, it } from "vitest";
import { decodedClip } from "./decoded-clip.ts";

it("says what was decoded, and what it was made of", () => {
  const clip = { width: 960, height: 540, codec: "h264", fps: 25, scaledFrom: null };
  expect(decodedClip(clip)).toBe("960×540 h264 at 25 frames/s");
  expect(decodedClip({ ...clip, fps: 0, scaledFrom: { width: 1280, height: 720 } })).toBe("960×540 h264, scaled from 1280×720");
});
