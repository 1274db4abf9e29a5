import { newCameraStatus } from "@octet/testing/new-camera-status";
import { newHostReport, newModelInfo, newWorker, newWorkerLoad } from "@octet/testing/new-worker";
import { describe, expect, it } from "vitest";
import type { CameraStatus } from "../domain/camera.ts";
import { detectorOfModel, fleetBenchmark, fleetHost } from "./fleet-host.ts";

const worker = (gpuName: string | null, inferBusy: number) =>
  newWorker({
    host: newHostReport({ gpus: gpuName === null ? [] : [{ name: gpuName, memoryBytes: 24e9, driver: "550" }] }),
    model: newModelInfo({ precision: "int8" }),
    load: newWorkerLoad({
      inferredPerSecond: 12,
      inferBusy,
      capacity: { detectionsPerSecond: null, pixelsPerSecond: 300 * 1280 * 720, memoryBytes: 32e9, sharedCores: true },
    }),
  });

const none = new Set<string>();
const camera = (model: string | null, stream: CameraStatus["stream"], streamFps = 25) => newCameraStatus({ model, stream, streamFps });
const hd = { codec: "h264", width: 1280, height: 720, fps: 25, decoder: "software" };
const own = [camera(newModelInfo().id, hd)];

describe("fleetHost", () => {
  it("takes a worker's rate for what its sessions would reach when always busy", () => {
    expect(fleetHost(worker(null, 0.5), own, none)).toMatchObject({
      gpu: "this-host",
      memoryBytes: 32e9,
      inference: { model: "retinaface-mnet0.25", precision: "int8", framesPerSecond: 24, from: "north, live, sessions 50 % busy" },
      decode: { codec: "h264", framesPerSecond: 300 },
    });
  });

  it("says nothing where there is too little to tell", () => {
    expect(fleetHost(worker(null, 0.05), own, none).inference).toBeNull();
    expect(fleetHost({ ...worker(null, 0.5), load: null }, own, none)).toMatchObject({ inference: null, decode: null });
  });

  it("takes no rate over several models for one of the worker's own", () => {
    expect(fleetHost(worker(null, 0.5), [...own, camera("promoted", hd)], none).inference).toBeNull();
    expect(fleetHost(worker(null, 0.5), [], none).inference).not.toBeNull();
  });

  it("says what one of several GPUs does", () => {
    const { host, ...rest } = worker("NVIDIA A10", 0.5);
    const two = { ...rest, host: { ...host, gpus: [...host.gpus, ...host.gpus] } };
    expect(fleetHost(two, own, none)).toMatchObject({
      inference: { framesPerSecond: 12, from: expect.stringContaining("one of 2 GPUs") },
      decode: { framesPerSecond: 150 },
    });
  });

  it("says what its decoders would do, in frames of the kind that most are of", () => {
    const cameras = [
      ...own,
      ...own,
      camera(null, { ...hd, codec: "hevc", width: 2560, height: 1440 }),
      camera(null, { ...hd, codec: "mjpeg", width: 320, height: 240 }, 200),
      camera(null, null),
    ];
    expect(fleetHost(worker(null, 0.5), cameras, none).decode).toEqual({
      codec: "h264",
      size: { width: 1280, height: 720 },
      framesPerSecond: 300,
      from: "north, live, all its cores decoding and none inferring",
    });
    expect(fleetHost(worker(null, 0.5), [], none).decode).toBeNull();
  });

  it("is of the site's own model where the worker runs one that was counted", () => {
    expect(fleetHost(worker(null, 0.5), own, new Set([newModelInfo().id])).inference?.model).toBe(newModelInfo().id);
  });

  it("knows the catalogue's cards", () => {
    expect(fleetHost(worker("NVIDIA A10", 0.5), own, none)).toMatchObject({ gpu: "a10", memoryBytes: 24e9 });
    expect(fleetHost(worker("NVIDIA TITAN V", 0.5), own, none).gpu).toBe("this-host");
  });
});

describe("detectorOfModel", () => {
  it("tells sizes of a family apart by name, and guesses none", () => {
    expect(detectorOfModel({ family: "scrfd", name: "scrfd_2.5g_kps" })).toBe("scrfd_2.5g");
    expect(detectorOfModel({ family: "scrfd", name: "scrfd_10g" })).toBe("scrfd_10g");
    expect(detectorOfModel({ family: "yolov5-face", name: "yolov5n-face" })).toBe("yolov5n-face");
    expect(detectorOfModel({ family: "yolov5-face", name: "yolov5s-face.onnx" })).toBe("yolov5s-face");
    expect(detectorOfModel({ family: "yolov5-face", name: "yolov5n-0.5-face" })).toBeNull();
    expect(detectorOfModel({ family: "scrfd", name: "mine" })).toBeNull();
    expect(detectorOfModel({ family: "yunet", name: "x" })).toBe("yunet");
  });
});

describe("fleetBenchmark", () => {
  const proof = (
    family: "scrfd" | "retinaface",
    batches: { batch: number; imagesPerSecond: number }[],
    gpu: string | null,
    counted: ReadonlySet<string> = none,
  ) =>
    fleetBenchmark(
      {
        id: "b",
        profile: "north INT8",
        precision: "int8-ptq",
        model: { family, name: "unheard-of", sha256: "c0ffee" },
        at: new Date("2026-11-26T10:00:00Z"),
        result: {
          host: { hostname: "north", cpu: "EPYC", cores: 2, gpu },
          threads: 2,
          batches: batches.map((one) => ({ ...one, latencyMs: { p50: 1, p95: 1, p99: 1, mean: 1 } })),
        },
      },
      counted,
    );

  it("takes the batch that does most, and says where it is from", () => {
    const batches = [
      { batch: 1, imagesPerSecond: 400 },
      { batch: 8, imagesPerSecond: 900 },
    ];
    expect(proof("retinaface", batches, "NVIDIA A10")).toMatchObject({
      gpu: "a10",
      inference: {
        model: "retinaface-mnet0.25",
        precision: "int8",
        framesPerSecond: 900,
        from: "north, benchmark of north INT8 at batch 8, 2026-11-26",
      },
    });
    expect(proof("retinaface", batches, null)).toMatchObject({ gpu: "this-host" });
  });

  it("is of the site's own model where that was counted, whatever its family", () => {
    const batches = [{ batch: 1, imagesPerSecond: 400 }];
    for (const family of ["scrfd", "retinaface"] as const)
      expect(proof(family, batches, null, new Set(["c0ffee"]))).toMatchObject({ inference: { model: "c0ffee", framesPerSecond: 400 } });
  });

  it("tells nothing of a detector that no plan knows, or that ran no batch", () => {
    expect(proof("scrfd", [{ batch: 1, imagesPerSecond: 9 }], null)).toBeNull();
    expect(proof("retinaface", [], null)).toBeNull();
  });
});
