import path from "node:path";
import { FrameCollector } from "@octet/precision/dataset/frame-collector";
import { type JobOutcome, type JobPayload, jobDefinitions } from "@octet/shared/domain/job";
import { AppError } from "@octet/shared/errors";
import { ArtifactClient, CACHE_BYTES } from "../artifacts.ts";
import type { FrameTap } from "../frame-tap.ts";
import type { JobSettings } from "../job-messages.ts";
import type { RunHandle, RunListener } from "../job-runner.ts";

const PROGRESS_MS = 1000;

/**
 * Collects frames of cameras that run here, beside the live path, whose frames it only looks at: nothing waits for it, and
 * each picture costs one JPEG.
 */
export function startCollecting(payload: JobPayload<"collect">, tap: FrameTap, settings: JobSettings, listener: RunListener): RunHandle {
  const stop = new AbortController();
  const ended = collect(payload, tap, settings, listener, stop.signal)
    .then((result): JobOutcome => ({ state: "done", result: jobDefinitions.collect.result.parse(result) }))
    .catch(
      (error: unknown): JobOutcome =>
        stop.signal.aborted ? { state: "cancelled" } : { state: "failed", error: AppError.from(error).toInfo() },
    );
  return { ended, cancel: () => stop.abort() };
}

async function collect(
  payload: JobPayload<"collect">,
  tap: FrameTap,
  { url, token, home }: JobSettings,
  { onLog, onProgress }: RunListener,
  signal: AbortSignal,
): Promise<unknown> {
  const { forSeconds, maxImages } = payload;
  const artifacts = await ArtifactClient.create({ url, token, folder: path.join(home, "cache"), maxBytes: CACHE_BYTES, signal });
  const over = new AbortController();
  const end = AbortSignal.any([signal, over.signal]);
  let failure: unknown = null;
  let cameras = 0;
  let kept = 0;
  const collector = new FrameCollector({
    payload,
    upload: (jpeg) => artifacts.putBytes(jpeg),
    onPicture: (count) => {
      kept = count;
      if (collector.full) over.abort();
    },
    onLog,
    onFailure: (error) => {
      failure = error;
      over.abort();
    },
  });
  const startedAt = performance.now();
  const report = (): void => {
    const seconds = (performance.now() - startedAt) / 1000;
    const share = Math.max(seconds / forSeconds, kept / maxImages);
    const secondsByImages = kept > 0 ? (seconds / kept) * (maxImages - kept) : Number.POSITIVE_INFINITY;
    onProgress({
      stage: `collecting: ${kept} images`,
      percent: Math.min(100, share * 100),
      ratePerSecond: kept / Math.max(seconds, 1),
      secondsLeft: Math.max(0, Math.min(forSeconds - seconds, secondsByImages)),
    });
  };
  const seen = new Set<string>();
  const leave = tap.listen((frame, picture) => {
    if (collector.cameraIds.has(frame.cameraId)) cameras = seen.add(frame.cameraId).size;
    collector.offer(frame, picture);
  });
  const timer = setInterval(report, PROGRESS_MS);
  try {
    await new Promise<void>((resolve) => {
      const timeout = setTimeout(resolve, forSeconds * 1000);
      const stopped = () => {
        clearTimeout(timeout);
        resolve();
      };
      if (end.aborted) stopped();
      end.addEventListener("abort", stopped, { once: true });
    });
  } finally {
    leave();
    clearInterval(timer);
  }
  if (signal.aborted) throw new AppError("CONFLICT", "Collecting was stopped");
  const result = await collector.finish();
  if (failure) throw failure;
  if (cameras === 0)
    throw new AppError("WORKER_UNAVAILABLE", "None of these cameras gave a frame on this worker", {
      hint: "Look whether they are online, and on which worker they run.",
    });
  for (const id of payload.cameraIds) if (!seen.has(id)) onLog(`camera ${id} gave no frame on this worker`);
  return result;
}
