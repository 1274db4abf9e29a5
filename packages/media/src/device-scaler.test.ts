import { AV_LOG_QUIET, AV_PIX_FMT_NV12, AV_PIX_FMT_YUV420P, AVCOL_RANGE_MPEG, AVCOL_SPC_BT709 } from "node-av/constants";
import { type Frame, Log } from "node-av/lib";
import { expect, it } from "vitest";
import { DeviceScaler } from "./device-scaler.ts";
import { FrameScaler } from "./frame-scaler.ts";
import { frameFromPixels } from "./video-frame.ts";

function gradient(width: number, height: number): Frame {
  const pixels = new Uint8Array((width * height * 3) / 2).fill(110);
  for (let at = 0; at < width * height; at++) pixels[at] = 16 + Math.round((219 * (at % width)) / width);
  const frame = frameFromPixels(pixels, { width, height, format: AV_PIX_FMT_YUV420P });
  frame.colorSpace = AVCOL_SPC_BT709;
  frame.colorRange = AVCOL_RANGE_MPEG;
  return frame;
}

it("gives the model the picture that scaling in one step gives", () => {
  using device = new DeviceScaler("software");
  using scaler = new FrameScaler({ width: 128, height: 128, resize: "letterbox", padValue: 114, channels: "rgb" });
  using frame = gradient(640, 360);
  const [direct, twice] = [new Uint8Array(scaler.byteLength), new Uint8Array(scaler.byteLength)];
  const plan = scaler.scale(frame, direct);
  const { width, height } = scaler.contentSize(640, 360);
  for (let count = 0; count < 3; count++) {
    using small = device.scale(frame, width, height);
    expect([small.width, small.height, small.format, small.colorSpace]).toEqual([128, 72, AV_PIX_FMT_NV12, AVCOL_SPC_BT709]);
    expect(scaler.scale(small, twice, frame)).toEqual(plan);
  }
  const difference = direct.reduce((sum, value, at) => sum + Math.abs(value - twice[at]!), 0) / direct.length;
  expect(difference).toBeLessThan(1.5);
  // The caller's frame is still whole: nothing took its reference.
  expect(frame.width).toBe(640);
});

it("builds its graph anew for a source of another size", () => {
  using device = new DeviceScaler("software");
  for (const [width, height] of [
    [320, 180],
    [640, 360],
    [320, 180],
  ] as const) {
    using frame = gradient(width, height);
    using small = device.scale(frame, 64, 36);
    expect([small.width, small.height]).toEqual([64, 36]);
  }
});

it("says why where a device's graph cannot be built, and can be asked again", () => {
  Log.setLevel(AV_LOG_QUIET);
  using device = new DeviceScaler("cuda");
  using frame = gradient(320, 180);
  for (let count = 0; count < 2; count++)
    expect(() => device.scale(frame, 64, 36)).toThrow(expect.objectContaining({ name: "AppError", code: "CAMERA_DECODE_FAILED" }));
});
