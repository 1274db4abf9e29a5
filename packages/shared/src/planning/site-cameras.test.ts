import { expect, it } from "vitest";
import { cameraKindText } from "./camera-kind.ts";
import { siteCameras } from "./site-cameras.ts";

const stream = { codec: "h264", width: 1920, height: 1080, fps: 25, decoder: "software" };
const camera = (changes: Partial<typeof stream> = {}, detectFps = 5) => ({ detectFps, stream: { ...stream, ...changes } });

it("counts cameras that send and are inferred alike, the most first", () => {
  const { kinds, left } = siteCameras([
    camera({ codec: "hevc", width: 3840, height: 2160, fps: 14.985 }),
    camera(),
    camera({ fps: 24.97 }),
    camera({}, 2),
    camera(),
  ]);
  expect(kinds.map(cameraKindText)).toEqual(["3:1920x1080:h264:25:5", "1:3840x2160:hevc:15:5", "1:1920x1080:h264:25:2"]);
  expect(left).toBe(0);
});

it("leaves out and counts those that say nothing, or nothing that can be planned for", () => {
  const { kinds, left } = siteCameras([
    { detectFps: 5, stream: null },
    camera({ codec: "mjpeg" }),
    camera({ width: 0 }),
    camera({ fps: 2 }),
  ]);
  expect(kinds.map(cameraKindText)).toEqual(["1:1920x1080:h264:2:2"]);
  expect(left).toBe(3);
});

it("takes as many kinds as a plan does", () => {
  const many = Array.from({ length: 30 }, (_, index) => camera({ fps: index + 10 }));
  const { kinds, left } = siteCameras([...many, camera({ fps: 39 })]);
  expect([kinds.length, kinds[0]!.fps, left]).toEqual([21, 39, 9]);
});
