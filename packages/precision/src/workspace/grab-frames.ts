import { MediaHost } from "@octet/media/media-host";
import type { SampledFrame, SourceHandle } from "@octet/media/source-types";
import { AppError } from "@octet/shared/errors";
import { postprocess } from "@octet/vision/models/detect";
import type { FrameCollector } from "../dataset/frame-collector.ts";
import type { Detector } from "../detect/detector.ts";

export interface GrabSource {
  /** Letters, digits and dashes: names its images. */
  id: string;
  /** Any camera URL; `file:NAME` below `mediaRoot`. */
  url: string;
  mediaRoot: string;
  /** The URL without what is secret in it. */
  shown: string;
  /** Has an end, and a time of its own. */
  clip: boolean;
  transport: "tcp" | "udp";
}

export interface GrabRequest {
  source: GrabSource;
  detector: Detector;
  collector: FrameCollector;
  /** Of the clip's time, or of the clock. */
  forSeconds: number;
  /** Frames a second that are offered. */
  fps: number;
  signal: AbortSignal;
  onTime(seconds: number): void;
}

/** Above it a frame counts as one with faces, as on a camera. */
const CONFIDENCE = 0.5;

/** Offers a source's frames to a collector until its time is over. @returns why it gave none, or could not go on; else null */
export async function grabFrames({ source, detector, collector, forSeconds, fps, signal, onTime }: GrabRequest): Promise<AppError | null> {
  const { id, clip } = source;
  await using media = await MediaHost.create({ threads: 1, mediaRoot: source.mediaRoot });
  const { width, height, resize, padValue, channels } = detector.spec.input;
  const startedAt = Date.now();
  let handle: SourceHandle | null = null;
  let working: Promise<void> = Promise.resolve();
  let over = false;
  const seen: { frames: number; error: AppError | null } = { frames: 0, error: null };

  const look = async (frame: SampledFrame, capturedAt: number, picture: Promise<Uint8Array | null>): Promise<void> => {
    const { outputs, returned } = await detector.pool.run([frame.data]);
    const detections = postprocess(detector.spec, outputs, 0, frame.plan, { confidence: CONFIDENCE });
    const jpeg = await picture;
    handle?.release(frame.seq);
    collector.offer(
      {
        cameraId: id,
        seq: frame.seq,
        ptsMs: frame.ptsMs,
        capturedAt,
        width: frame.width,
        height: frame.height,
        detections: detections.map((detection) => ({ ...detection, trackId: null })),
        stages: { network: 0, decode: frame.decodeMs, queue: 0, preprocess: frame.scaleMs, infer: 0, postprocess: 0, publish: 0 },
      },
      async () => jpeg,
    );
    // One at a time: a clip that is read as fast as possible must not outrun what looks at it.
    await collector.settled();
    handle?.recycle(returned[0]!);
  };

  await new Promise<void>((resolve, reject) => {
    const stop = () => {
      over = true;
      clearTimeout(timer);
      resolve();
    };
    const timer = clip ? undefined : setTimeout(stop, forSeconds * 1000);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    handle = media.open(
      {
        id,
        url: source.url,
        transport: source.transport,
        detectFps: fps,
        target: { width, height, resize, padValue, channels },
        realtime: !clip,
      },
      {
        onFrame: (frame) => {
          const capturedAt = clip ? frame.ptsMs : frame.capturedAt;
          if (clip && frame.ptsMs > forSeconds * 1000) stop();
          if (over) return;
          seen.frames++;
          onTime(clip ? frame.ptsMs / 1000 : (Date.now() - startedAt) / 1000);
          const pass = () => {
            handle?.release(frame.seq);
            handle?.recycle(frame.data);
          };
          if (!collector.isDue(id, capturedAt)) return pass();
          // Now, while the decoded frame is kept.
          const picture = handle!.picture(frame.seq);
          // One that was kept meanwhile may have made this one come too soon.
          working = working.then(() => (collector.isDue(id, capturedAt) && !signal.aborted ? look(frame, capturedAt, picture) : pass()));
          working.catch(reject);
        },
        onState: ({ state, error }) => {
          if (error) seen.error = AppError.fromInfo(error);
          if (state === "ended") stop();
        },
        onCounters: () => {},
      },
    );
  });
  await working;
  // A stream that came back after a while has nothing to excuse.
  if (seen.error && (clip || seen.frames === 0)) return seen.error;
  if (seen.frames > 0 || signal.aborted) return null;
  return new AppError("CAMERA_TIMEOUT", `${source.shown} gave no frame within ${forSeconds} s`, {
    hint: "Look whether it plays: octet detect.",
  });
}
