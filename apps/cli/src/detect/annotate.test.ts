import type { Detection } from "@octet/shared/domain/detection";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { overlaySvg } from "./annotate.ts";
import { digitsPath } from "./digits.ts";

const detection: Detection = { box: { x: 0.25, y: 0.5, w: 0.5, h: 0.25 }, score: 0.97, label: "face", landmarks: null, trackId: 3 };

describe("overlaySvg", () => {
  it("draws the box where it is, in the picture's pixels", async () => {
    const { data, info } = await sharp(Buffer.from(overlaySvg(200, 100, [detection])))
      .raw()
      .toBuffer({ resolveWithObject: true });
    const alpha = (x: number, y: number) => data[(y * info.width + x) * info.channels + 3]!;
    expect(info).toMatchObject({ width: 200, height: 100, channels: 4 });
    expect(alpha(50, 60)).toBeGreaterThan(0);
    expect(alpha(150, 60)).toBeGreaterThan(0);
    expect(alpha(100, 60)).toBe(0);
    expect(alpha(10, 10)).toBe(0);
  });
});

describe("digitsPath", () => {
  it("draws known characters and skips others", () => {
    expect(digitsPath(" é", 0, 0, 2)).toBe("");
    expect(digitsPath(".", 10, 20, 2)).toBe("M12 28h2v2h-2z");
  });
});
