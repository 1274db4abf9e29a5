import { z } from "zod";
import { type FrameSize, frameSizeSchema, fullHd, parseFrameSize, pixels } from "./frame-size.ts";
import { codecSchema } from "./nvdec.ts";

/**
 * What a smaller decode size means. "substream": the camera sends that size, so the decoder has fewer pixels to do
 * (what the published 70-stream verdicts rest on). "scaled": the full stream is decoded and scaled after, which saves
 * memory and bandwidth, but the decoder nothing.
 */
export const decodeModes = ["substream", "scaled"] as const;
export const decodeModeSchema = z.enum(decodeModes);
export type DecodeMode = z.infer<typeof decodeModeSchema>;

export const MOST_STREAMS = 100_000;

export const cameraKindShape = {
  streams: z.number().int().min(1).max(MOST_STREAMS).default(70),
  codec: codecSchema.default("h264"),
  /** Of the cameras' main stream. */
  resolution: frameSizeSchema.default(fullHd),
  fps: z.number().min(0.1).max(240).default(25),
  /** Frames of each camera that are inferred, a second. */
  detectFps: z.number().min(0.1).max(240).default(5),
  decodeSize: frameSizeSchema.nullable().default(null),
  decodeMode: decodeModeSchema.default("substream"),
};

type Rule<Kind> = [holds: (kind: Kind) => boolean, problem: { path: string[]; error: string }];

export const detectsWhatIsSent: Rule<{ fps: number; detectFps: number }> = [
  ({ fps, detectFps }) => detectFps <= fps,
  { path: ["detectFps"], error: "More frames are to be detected than the camera sends" },
];
export const decodesWhatIsSent: Rule<{ resolution: FrameSize; decodeSize: FrameSize | null }> = [
  ({ resolution, decodeSize }) => !decodeSize || pixels(decodeSize) <= pixels(resolution),
  { path: ["decodeSize"], error: "The decode size is larger than the stream" },
];

/** Cameras that send, and are inferred, alike. */
export const cameraKindSchema = z
  .object(cameraKindShape)
  .refine(...detectsWhatIsSent)
  .refine(...decodesWhatIsSent);
export type CameraKind = z.output<typeof cameraKindSchema>;

/** "20:3840x2160:hevc:15:5": cameras, size, codec, frames a second, of which are inferred. */
export const cameraKindText = ({ streams, resolution, codec, fps, detectFps }: CameraKind): string =>
  [streams, `${resolution.width}x${resolution.height}`, codec, fps, detectFps].join(":");

/** The same read; null where it is none. Such cameras are decoded as they send. */
export function parseCameraKind(text: string): CameraKind | null {
  const [streams, size, codec, fps, detectFps, ...more] = text.trim().split(":");
  const number = (part: string | undefined) => (part ? Number(part) : Number.NaN);
  const read = cameraKindSchema.safeParse({
    streams: number(streams),
    resolution: parseFrameSize(size ?? ""),
    codec,
    fps: number(fps),
    detectFps: number(detectFps),
  });
  return read.success && more.length === 0 ? read.data : null;
}
