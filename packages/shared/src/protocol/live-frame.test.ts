import { expect, it } from "vitest";
import { type LiveFrame, packedFrameSchema, packFrame, unpackFrame } from "./live-frame.ts";

const frame: LiveFrame = {
  cameraId: "0193b3a0-0000-7000-8000-000000000001",
  seq: 7,
  ptsMs: 1400.5,
  capturedAt: 1_700_000_000_000,
  width: 1920,
  height: 1080,
  detections: [{ box: { x: 0.1, y: 0.2, w: 0.3, h: 0.4 }, score: 0.9, label: "face", landmarks: [0.1, 0.2], trackId: 3 }],
  stages: { network: 1, decode: 2, queue: 3, preprocess: 4, infer: 5, postprocess: 6, publish: 7 },
  preview: new Uint8Array([0xff, 0xd8]),
};

it("is the same after it was packed, and can lose its picture unopened", () => {
  const packed = packFrame(frame);
  expect(packedFrameSchema.parse(packed)).toEqual(packed);
  expect(unpackFrame(packed)).toEqual(frame);
  expect(unpackFrame({ ...packed, preview: null })).toEqual({ ...frame, preview: null });
});

it("keeps what was packed when the next one is", () => {
  const first = packFrame(frame);
  packFrame({ ...frame, seq: 8 });
  expect(unpackFrame(first).seq).toBe(7);
});

it("refuses what is no frame", () => {
  const packed = packFrame(frame);
  for (const boxes of [new Uint8Array(), packed.boxes.subarray(0, -3), new Uint8Array([0x80]), new Uint8Array([0xc1])])
    expect(() => unpackFrame({ ...packed, boxes })).toThrow(/unexpected shape/);
});
