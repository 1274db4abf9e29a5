import { z } from "zod";
import type { CameraStatus } from "../domain/camera.ts";
import { type CameraKind, cameraKindSchema } from "./camera-kind.ts";
import { MOST_OTHER_KINDS } from "./plan-input.ts";

/** A site's cameras by what they send, the most first. */
export const siteCamerasSchema = z.object({
  kinds: z.array(cameraKindSchema),
  /** Cameras that are none of these: what they send is not known, or rarer than a plan takes. */
  left: z.number().int(),
});
export type SiteCameras = z.infer<typeof siteCamerasSchema>;

/**
 * Those of one codec, size, rate (in whole frames a second) and demand are one kind.
 * @param cameras what is asked of each, and what is known of it now
 */
export function siteCameras(cameras: readonly { detectFps: number; stream: CameraStatus["stream"] }[]): SiteCameras {
  const kinds = new Map<string, CameraKind>();
  for (const { detectFps, stream } of cameras) {
    const fps = Math.max(1, Math.round(stream?.fps ?? 0));
    const kind = cameraKindSchema.safeParse({
      streams: 1,
      codec: stream?.codec,
      resolution: stream && { width: stream.width, height: stream.height },
      fps,
      detectFps: Math.min(detectFps, fps),
    });
    if (!stream || !kind.success) continue;
    const key = JSON.stringify(kind.data);
    kinds.set(key, { ...kind.data, streams: (kinds.get(key)?.streams ?? 0) + 1 });
  }
  const taken = [...kinds.values()].sort((a, b) => b.streams - a.streams).slice(0, MOST_OTHER_KINDS + 1);
  return { kinds: taken, left: cameras.length - taken.reduce((sum, { streams }) => sum + streams, 0) };
}
