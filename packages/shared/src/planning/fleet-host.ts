import type { CameraStatus } from "../domain/camera.ts";
import type { ModelInfo } from "../domain/model.ts";
import type { BenchmarkResult, Precision } from "../domain/profile.ts";
import type { Capacity } from "../domain/placement.ts";
import type { Worker } from "../domain/worker.ts";
import type { DecodeMeasurement } from "./fleet.ts";
import type { FleetBenchmark, FleetHost } from "./fleet-report.ts";
import { type FrameSize, frameSizeSchema, pixels, sizeName } from "./frame-size.ts";
import { gpuByDriverName, THIS_HOST } from "./gpu-catalogue.ts";
import { type Codec, codecSchema } from "./nvdec.ts";

/** Below this share of busy time the rate is noise. */
const TELLING_BUSY = 0.1;

/** The planner's id of a model that a worker runs; null where the catalogue has not its like. */
export function detectorOfModel({ family, name }: Pick<ModelInfo, "family" | "name">): string | null {
  switch (family) {
    case "retinaface":
      return "retinaface-mnet0.25";
    case "yunet":
    case "ultraface":
      return family;
    case "scrfd":
      return /2[._-]?5g/i.test(name) ? "scrfd_2.5g" : /10g/i.test(name) ? "scrfd_10g" : null;
    case "yolov5-face":
      if (/0[._]5/.test(name)) return null;
      return /v5n/i.test(name) ? "yolov5n-face" : /v5s/i.test(name) ? "yolov5s-face" : null;
    default:
      return null;
  }
}

/** What measurements of a model go by: its own sha256 where it is planned by what was counted in its file. */
const plannedAs = (model: Pick<ModelInfo, "family" | "name">, sha256: string, counted: ReadonlySet<string>): string | null =>
  counted.has(sha256) ? sha256 : detectorOfModel(model);

/**
 * A worker's live load as a measurement: what it infers a second, over the share of time in which its sessions are busy; of
 * one of its GPUs, where it has several, which share the cameras.
 * @param cameras that run on it; a rate over several models is none of any
 * @param counted sha256 of the site's models whose cost is known
 */
export function fleetHost(
  { id, name, online, host, model, load }: Omit<Worker, "connectedAt" | "lastSeenAt">,
  cameras: readonly CameraStatus[],
  counted: ReadonlySet<string>,
): FleetHost {
  const detector = plannedAs(model, model.id, counted);
  const onlyItsOwn = cameras.every((camera) => camera.model === null || camera.model === model.id);
  const telling = onlyItsOwn && load !== null && load.inferBusy >= TELLING_BUSY && load.inferredPerSecond > 0;
  const gpu = host.gpus[0];
  const gpus = Math.max(1, host.gpus.length);
  return {
    id,
    name,
    hostname: host.hostname,
    online,
    gpu: (gpu && gpuByDriverName(gpu.name)?.id) ?? THIS_HOST,
    memoryBytes: gpu?.memoryBytes ?? host.memoryBytes,
    inference:
      telling && detector
        ? {
            model: detector,
            precision: model.precision,
            framesPerSecond: load.inferredPerSecond / Math.min(1, load.inferBusy) / gpus,
            from: `${name}, live, sessions ${Math.round(load.inferBusy * 100)} % busy${gpus > 1 ? `, of one of ${gpus} GPUs` : ""}`,
          }
        : null,
    decode: load && liveDecode(cameras, load.capacity, gpus, name),
  };
}

/**
 * What a host's decoders would do if they were always busy, as frames of the kind that its cameras send most of. Null where
 * that was not measured, or no camera says what it sends.
 */
function liveDecode(
  cameras: readonly CameraStatus[],
  { pixelsPerSecond, sharedCores }: Capacity,
  gpus: number,
  name: string,
): DecodeMeasurement | null {
  const kinds = new Map<string, { codec: Codec; size: FrameSize; frames: number }>();
  for (const { stream, streamFps } of cameras) {
    const codec = codecSchema.safeParse(stream?.codec);
    const size = frameSizeSchema.safeParse(stream);
    if (!codec.success || !size.success) continue;
    const key = `${codec.data} ${sizeName(size.data)}`;
    kinds.set(key, { codec: codec.data, size: size.data, frames: (kinds.get(key)?.frames ?? 0) + streamFps });
  }
  const [most] = [...kinds.values()].sort((a, b) => b.frames - a.frames);
  if (!most || pixelsPerSecond === null) return null;
  const { codec, size } = most;
  return {
    codec,
    size,
    framesPerSecond: pixelsPerSecond / pixels(size) / gpus,
    from: `${name}, live, ${sharedCores ? "all its cores decoding and none inferring" : "its decoders always busy"}`,
  };
}

/**
 * The best batch's rate of a benchmark as a measurement; null where neither its model was counted nor the catalogue has the
 * like.
 * @param counted sha256 of the site's models whose cost is known
 */
export function fleetBenchmark(
  proof: {
    id: string;
    profile: string;
    precision: Precision;
    /** That the profile was made of. */
    model: Pick<ModelInfo, "family" | "name"> & { sha256: string };
    at: Date;
    result: Pick<BenchmarkResult, "host" | "batches" | "threads">;
  },
  counted: ReadonlySet<string>,
): FleetBenchmark | null {
  const { id, profile, precision, model, at, result } = proof;
  const detector = plannedAs(model, model.sha256, counted);
  const best = result.batches.toSorted((a, b) => b.imagesPerSecond - a.imagesPerSecond)[0];
  if (!detector || !best || best.imagesPerSecond <= 0) return null;
  const { hostname, gpu } = result.host;
  return {
    id,
    host: hostname,
    profile,
    gpu: (gpu && gpuByDriverName(gpu)?.id) ?? THIS_HOST,
    inference: {
      model: detector,
      precision: precision === "int8-ptq" || precision === "int8-qat" ? "int8" : precision,
      framesPerSecond: best.imagesPerSecond,
      from: `${hostname}, benchmark of ${profile} at batch ${best.batch}, ${at.toISOString().slice(0, 10)}`,
    },
  };
}
