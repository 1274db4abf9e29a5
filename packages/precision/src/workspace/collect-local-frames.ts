import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { DatasetImage } from "@octet/shared/domain/dataset";
import type { JobPayload, JobResult } from "@octet/shared/domain/job";
import { AppError } from "@octet/shared/errors";
import { collectedManifest } from "@octet/shared/domain/collected-manifest";
import { FrameCollector } from "../dataset/frame-collector.ts";
import { Detector } from "../detect/detector.ts";
import { hashBytes } from "../files/hash-file.ts";
import { addLocalVersion, type LocalVersion } from "./dataset-store.ts";
import { type GrabSource, grabFrames } from "./grab-frames.ts";
import { inTemporaryFolder } from "./local-file.ts";

export interface LocalCollectRequest extends Omit<JobPayload<"collect">, "cameraIds" | "collectionId"> {
  workspace: string;
  dataset: string;
  sources: readonly GrabSource[];
  /** Path of the detector that counts faces, or `default`. */
  model: string;
  /** Inference threads. */
  threads: number;
  /** Ends it early; what was found until then is kept. */
  signal: AbortSignal;
  /** @param share 0–1 @param kept images */
  onProgress(share: number, kept: number): void;
  log(line: string): void;
}

export interface LocalCollection {
  version: LocalVersion;
  seen: number;
  duplicates: number;
}

/**
 * Collects frames of streams and clips as a version of a calibration set in a workspace: a clip as fast as it can be decoded,
 * by its own time.
 * @throws AppError BAD_INPUT, CALIBRATION_EMPTY, MODEL_INVALID, CAMERA_* where no source gave a frame
 */
export async function collectLocalFrames(request: LocalCollectRequest): Promise<LocalCollection> {
  const { workspace, dataset, sources, forSeconds, everySeconds, maxImages, faces, spread, minHashDistance, log } = request;
  return inTemporaryFolder(workspace, async (temporary) => {
    const pictures = path.join(temporary, "pictures");
    const scratch = path.join(temporary, "version");
    await mkdir(pictures);
    await mkdir(scratch);
    const over = new AbortController();
    const end = AbortSignal.any([request.signal, over.signal]);
    let failure: unknown = null;
    let kept = 0;
    const collector = new FrameCollector({
      payload: { cameraIds: sources.map(({ id }) => id), everySeconds, maxImages, faces, spread, minHashDistance },
      upload: async (jpeg) => {
        const ref = hashBytes(jpeg);
        await writeFile(path.join(pictures, ref.sha256), jpeg);
        return ref;
      },
      onPicture: (count) => {
        kept = count;
        if (collector.full) over.abort();
      },
      onLog: log,
      onFailure: (error) => {
        failure = error;
        over.abort();
      },
    });
    const shares = new Map(sources.map(({ id }) => [id, 0]));
    const problems: AppError[] = [];
    {
      await using detector = await Detector.load({ model: request.model, threads: request.threads });
      await Promise.all(
        sources.map((source) =>
          grabFrames({
            source,
            detector,
            collector,
            forSeconds,
            // More often than they are due, so that none comes much too late; one without the faces that are asked for is
            // followed by another soon.
            fps: Math.min(25, Math.max(4 / everySeconds, faces === "any" ? 0 : 2)),
            signal: end,
            onTime: (seconds) => {
              shares.set(source.id, Math.min(1, seconds / forSeconds));
              const mean = [...shares.values()].reduce((sum, share) => sum + share, 0) / shares.size;
              request.onProgress(Math.max(mean, kept / maxImages), kept);
            },
          }).then((problem) => {
            shares.set(source.id, 1);
            if (!problem) return;
            problems.push(problem);
            log(`${source.id}: ${problem.message}`);
          }),
        ),
      );
    }
    const result = await collector.finish();
    if (failure) throw failure;
    if (result.images.length === 0)
      throw (
        problems[0] ??
        new AppError("CALIBRATION_EMPTY", `None of the ${result.seen} frames was kept`, {
          hint: "Collect for longer, or from other streams, or with --faces any.",
        })
      );
    const images = named(result, sources);
    const byPath = new Map(images.map((image) => [image.path, image.sha256]));
    const version = await addLocalVersion(workspace, scratch, {
      dataset,
      kind: "calibration",
      manifest: collectedManifest(images),
      images,
      labels: 0,
      source: (file) => path.join(pictures, byPath.get(file)!),
      own: true,
      origin: {
        from: "streams",
        sources: sources.map(({ id, shown }) => ({ id, url: shown })),
        everySeconds,
        forSeconds,
        faces,
        seen: result.seen,
        duplicates: result.duplicates,
      },
    });
    return { version, seen: result.seen, duplicates: result.duplicates };
  });
}

/** A clip's frames have a place in it, and no time of day. */
function named({ images }: JobResult<"collect">, sources: readonly GrabSource[]): DatasetImage[] {
  const clips = new Set(sources.filter(({ clip }) => clip).map(({ id }) => id));
  return images.map((image) => {
    if (!image.cameraId || !clips.has(image.cameraId)) return image;
    const at = String(Math.round(image.capturedAt!.getTime())).padStart(9, "0");
    return { ...image, path: `images/${image.cameraId}/${at}.jpg`, capturedAt: null };
  });
}
