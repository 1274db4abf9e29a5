import { readdirSync, statSync } from "node:fs";
import { sharedClips } from "@octet/testing/shared-clips";
import { expect, it } from "vitest";
import { ensureDemoClips } from "./clips.ts";
import { LoopedClip } from "./looped-clip.ts";

it("makes four clips once, fit for RTSP and browsers", async () => {
  // The suites after this one find them there.
  const dir = sharedClips();
  const steps: number[] = [];
  const clips = await ensureDemoClips(dir, ({ done, total }) => steps.push(done / total));
  expect(steps).toEqual([0.25, 0.5, 0.75, 1]);
  expect(readdirSync(dir)).toEqual(expect.arrayContaining(clips.map((clip) => clip.file)));
  for (const clip of clips) {
    const { units, fps, durationMs } = await LoopedClip.load(clip.path);
    expect(fps).toBe(25);
    expect(durationMs).toBeCloseTo(clip.seconds * 1000, -2);
    // No B-frames: each picture is shown when it is decoded; a key frame at least every two seconds.
    expect(units.every((unit) => Math.abs(unit.ptsMs - unit.dtsMs) < 1)).toBe(true);
    const keys = units.flatMap((unit, i) => (unit.key ? [i] : []));
    expect(Math.max(...keys.map((key, i) => (keys[i + 1] ?? units.length) - key))).toBeLessThanOrEqual(50);
  }
  const times = clips.map((clip) => statSync(clip.path).mtimeMs);
  await ensureDemoClips(dir);
  expect(clips.map((clip) => statSync(clip.path).mtimeMs)).toEqual(times);
});
