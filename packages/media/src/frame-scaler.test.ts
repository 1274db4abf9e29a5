import type { AVColorRange, AVColorSpace } from "node-av/constants";
import { AV_PIX_FMT_YUV420P, AVCOL_RANGE_JPEG, AVCOL_RANGE_MPEG, AVCOL_SPC_BT709, AVCOL_SPC_SMPTE170M } from "node-av/constants";
import type { Frame } from "node-av/lib";
import { expect, it } from "vitest";
import { FrameScaler } from "./frame-scaler.ts";
import type { FrameTarget } from "./source-types.ts";
import { frameFromPixels } from "./video-frame.ts";

const RED = [200, 40, 60] as const;
const target: FrameTarget = { width: 64, height: 64, resize: "letterbox", padValue: 114, channels: "rgb" };

/** One colour, coded with the given matrix and range (ITU-R BT.601 and BT.709, equations of luma and chroma). */
function solid(width: number, height: number, space: AVColorSpace, range: AVColorRange): Frame {
  const [r, g, b] = RED;
  const [kr, kb] = space === AVCOL_SPC_BT709 ? [0.2126, 0.0722] : [0.299, 0.114];
  const y = kr * r + (1 - kr - kb) * g + kb * b;
  const u = (b - y) / (2 * (1 - kb));
  const v = (r - y) / (2 * (1 - kr));
  const full = range === AVCOL_RANGE_JPEG;
  const luma = width * height;
  const chroma = (width / 2) * (height / 2);
  const bytes = Buffer.alloc(luma + 2 * chroma);
  bytes.fill(Math.round(full ? y : 16 + (y * 219) / 255), 0, luma);
  bytes.fill(Math.round(128 + u * (full ? 1 : 224 / 255)), luma, luma + chroma);
  bytes.fill(Math.round(128 + v * (full ? 1 : 224 / 255)), luma + chroma);
  const frame = frameFromPixels(bytes, { width, height, format: AV_PIX_FMT_YUV420P });
  frame.colorSpace = space;
  frame.colorRange = range;
  return frame;
}

const spaces = { "BT.709": AVCOL_SPC_BT709, "BT.601": AVCOL_SPC_SMPTE170M };
const ranges = { limited: AVCOL_RANGE_MPEG, full: AVCOL_RANGE_JPEG };

for (const [spaceName, space] of Object.entries(spaces)) {
  for (const [rangeName, range] of Object.entries(ranges)) {
    it(`keeps the colour of ${spaceName}, ${rangeName} range`, () => {
      using scaler = new FrameScaler(target);
      using frame = solid(128, 128, space, range);
      const data = new Uint8Array(scaler.byteLength);
      scaler.scale(frame, data);
      for (const [channel, expected] of RED.entries()) {
        const plane = data.subarray(channel * 64 * 64, (channel + 1) * 64 * 64);
        const error = plane.reduce((sum, value) => sum + Math.abs(value - expected), 0) / plane.length;
        expect(error, `channel ${channel}`).toBeLessThan(2);
      }
    });
  }
}

it("orders the channels as the model wants them", () => {
  using scaler = new FrameScaler({ ...target, channels: "bgr" });
  using frame = solid(128, 128, AVCOL_SPC_BT709, AVCOL_RANGE_MPEG);
  const data = new Uint8Array(scaler.byteLength);
  scaler.scale(frame, data);
  expect([data[2000]!, data[4096 + 2000]!, data[8192 + 2000]!].map((value, i) => Math.abs(value - RED[2 - i]!) <= 2)).toEqual([
    true,
    true,
    true,
  ]);
});

it("letterboxes a width that swscale pads its lines for, and fills the borders only", () => {
  // 90×160 into 100×100: content 56×100 at x = 22, lines of swscale are longer than 56.
  using scaler = new FrameScaler({ ...target, width: 100, height: 100 });
  using frame = solid(90, 160, AVCOL_SPC_BT709, AVCOL_RANGE_MPEG);
  const data = new Uint8Array(scaler.byteLength).fill(1);
  const plan = scaler.scale(frame, data);
  expect(plan).toMatchObject({ contentWidth: 56, contentHeight: 100, padX: 22, padY: 0, scaleX: 56 / 90, scaleY: 100 / 160 });
  for (let y = 0; y < 100; y++) {
    for (let x = 0; x < 100; x++) {
      const value = data[y * 100 + x]!;
      if (x < 22 || x >= 78) expect(value).toBe(114);
      else expect(Math.abs(value - RED[0])).toBeLessThanOrEqual(2);
    }
  }
});

it("follows a source that changes its size", () => {
  using scaler = new FrameScaler(target);
  const data = new Uint8Array(scaler.byteLength);
  for (const [width, height] of [
    [128, 64],
    [64, 128],
    [640, 360],
  ] as const) {
    using frame = solid(width, height, AVCOL_SPC_BT709, AVCOL_RANGE_MPEG);
    expect(scaler.scale(frame, data)).toMatchObject({ srcWidth: width, srcHeight: height });
    expect(Math.abs(data[32 * 64 + 32]! - RED[0])).toBeLessThanOrEqual(2);
  }
});
