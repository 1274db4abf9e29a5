import { newCameraStatus } from "@octet/testing/new-camera-status";
import { expect, it } from "vitest";
import { type ListedCamera, listedCameraSchema } from "../server/cameras.ts";
import { cameraText } from "./camera-text.ts";

const camera = (changes: Partial<ListedCamera> = {}): ListedCamera => ({
  ...listedCameraSchema.parse({
    ...{ id: "6f1c2a1e-6a3b-4a58-9d0c-0b8f3f1f2a10", name: "Loading bay", url: "rtsp://user:•••@192.0.2.10/s", substreamUrl: null },
    ...{ transport: "tcp", detectFps: 5, confidence: 0.5, tags: ["outside", "street"], classes: ["person"], enabled: true, workerId: "w1" },
    ...{ stillFps: 0.5, status: null, createdAt: "2026-03-01T08:00:00.000Z", updatedAt: "2026-03-01T08:00:00.000Z" },
  }),
  ...changes,
});
const lines = (text: string): Record<string, string> =>
  Object.fromEntries(text.split("\n").map((line) => line.split(/ {2,}/) as [string, string]));

it("shows what a camera gives beside what is asked of it", () => {
  const stream = { codec: "h264", width: 640, height: 360, fps: 25, decoder: "software" };
  const modelAlarm = { code: "MODEL_UNSUPPORTED", message: "The worker cannot run Faces INT8" } as const;
  const status = newCameraStatus({ stream, streamFps: 24.96, detectFps: 4.2, modelAlarm });
  const text = cameraText(camera({ status }), "north");
  expect(text).toMatch(/^Loading bay: online on north\nmodel: The worker cannot run Faces INT8\n/);
  expect(lines(text)).toMatchObject({
    stream: "h264 640×360, 25 a second",
    detections: "4.2 of 5 a second",
    "while still": "0.5 a second",
    classes: "person",
    tags: "outside, street",
  });
});

it("says why it is not online, and leaves out what it does not give", () => {
  const reason = { code: "CAMERA_REFUSED", message: "Nothing listens on that port" } as const;
  const text = cameraText(camera({ status: newCameraStatus({ state: "offline", reason }) }), null);
  expect(text).toMatch(/^Loading bay: offline \(Nothing listens on that port\)\n/);
  expect(lines(text)).toMatchObject({ detections: "5 a second" });
  expect(lines(text)).not.toHaveProperty("stream");
  expect(cameraText(camera({ enabled: false }), null)).toMatch(/^Loading bay: disabled\n/);
});

it("prints nothing that moves a terminal's cursor", () => {
  expect(cameraText(camera({ name: "Bay\u001b[2J", tags: ["\u0007bell"] }), null)).not.toMatch(/(?!\n)\p{Cc}/u);
});
