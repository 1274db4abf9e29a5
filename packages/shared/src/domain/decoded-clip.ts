import { sizeName } from "../planning/frame-size.ts";
import type { BenchmarkResult } from "./profile.ts";

type DecodedClip = NonNullable<NonNullable<BenchmarkResult["streams"]>["clip"]>;

/** For people: "960×540 h264 at 25 frames/s, scaled from 1280×720". */
export function decodedClip({ codec, fps, scaledFrom, ...size }: DecodedClip): string {
  const rate = fps > 0 ? ` at ${fps} frames/s` : "";
  return `${sizeName(size)} ${codec}${rate}${scaledFrom ? `, scaled from ${sizeName(scaledFrom)}` : ""}`;
}
