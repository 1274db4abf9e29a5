import { expect, it } from "vitest";
import { Lane, type LiveModel } from "./lane.ts";
import { LiveCamera } from "./live-camera.ts";

const stream = (width: number, height: number) => ({ codec: "h264", width, height, fps: 25, decoder: "software" });

it("says so where its stream is larger than its profile wants to be decoded", () => {
  const config = { id: "c", epoch: 1, url: "file:a.mp4", transport: "tcp" as const, detectFps: 5, confidence: 0.5 };
  const lane = new Lane({ id: "m" } as LiveModel);
  const camera = new LiveCamera({ ...config, decodeLimit: { profile: "Faces INT8", width: 960, height: 540 } }, lane, 0);
  expect(camera.status(0, "w").modelAlarm).toBeNull();
  camera.setState("online", null, stream(960, 540), 0);
  expect(camera.status(0, "w").modelAlarm).toBeNull();
  camera.setState("online", null, stream(1920, 1080), 0);
  expect(camera.status(0, "w").modelAlarm).toMatchObject({
    code: "UNSUPPORTED",
    message: expect.stringContaining("at most 960×540; this camera's are decoded at 1920×1080"),
  });
  // Not running the model at all is the worse of the two.
  const alarm = { code: "MODEL_INVALID" as const, message: "broken" };
  camera.config.modelAlarm = alarm;
  expect(camera.status(0, "w").modelAlarm).toBe(alarm);
  camera.config.modelAlarm = null;
  camera.config.decodeLimit = null;
  expect(camera.status(0, "w").modelAlarm).toBeNull();
});

it("takes of the host while it sends, and while it is left out, but not while it cannot be reached", () => {
  const config = { id: "c", epoch: 1, url: "file:a.mp4", transport: "tcp" as const, detectFps: 5, confidence: 0.5 };
  const camera = new LiveCamera(config, new Lane({ id: "m" } as LiveModel), 0);
  expect(camera.sends).toBe(false);
  camera.setState("online", null, stream(640, 360), 0);
  expect(camera.sends).toBe(true);
  camera.setState("offline", { code: "CAMERA_UNREACHABLE", message: "gone" }, null, 0);
  expect(camera.sends).toBe(false);
  camera.setState("online", null, null, 0);
  camera.setRate(0);
  expect(camera.status(0, "w")).toMatchObject({ state: "offline", reason: { code: "HOST_FULL" }, granted: 0 });
  expect(camera.sends).toBe(true);
});
