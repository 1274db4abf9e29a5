import { MediaHost } from "@octet/media/media-host";
import type { SampledFrame, SourceHandle } from "@octet/media/source-types";
import { AppError, type ErrorInfo } from "@octet/shared/errors";
import { postprocess } from "@octet/vision/models/detect";
import { Tracker } from "@octet/vision/track/tracker";
import type { DetectedFrame } from "./detected-frame.ts";
import type { Detector } from "@octet/precision/detect/detector";

export interface VideoOptions {
  /** Any camera URL; `file:NAME` below `mediaRoot`. */
  url: string;
  mediaRoot: string;
  transport: "tcp" | "udp";
  /** Frames to look at, a second of the video's time. */
  fps: number;
  /** Ends after so many. */
  frames: number;
  confidence: number;
  /** Hand over a JPEG of each frame. */
  pictures: boolean;
  /** Ends the pass early; what was found until then counts. */
  signal: AbortSignal;
}

type OnFrame = (frame: DetectedFrame, picture: Uint8Array | null) => Promise<void>;

/** Wider frames are made smaller for their JPEG, pixels. */
const PICTURE_WIDTH = 7680;

/**
 * One pass over a video, as fast as the model goes. Frames are inferred by several threads and handed over in order.
 * Returns why the pass could not be finished, null where it was.
 * @throws AppError with the reason where not one frame came, INFERENCE_FAILED
 */
export async function detectVideo(detector: Detector, options: VideoOptions, onFrame: OnFrame): Promise<ErrorInfo | null> {
  const tracker = new Tracker();
  await using media = await MediaHost.create({ threads: 1, mediaRoot: options.mediaRoot });
  let taken = 0;
  let source: SourceHandle | null = null;
  let inOrder: Promise<void> = Promise.resolve();
  const incomplete = await new Promise<ErrorInfo | null>((resolve, reject) => {
    options.signal.addEventListener("abort", () => resolve(null), { once: true });
    const { width, height, resize, padValue, channels } = detector.spec.input;
    source = media.open(
      {
        id: "detect",
        url: options.url,
        transport: options.transport,
        detectFps: options.fps,
        target: { width, height, resize, padValue, channels },
        realtime: false,
      },
      {
        onFrame: (frame) => {
          source?.release(frame.seq);
          if (taken === options.frames || options.signal.aborted) {
            // Enough; but a source whose frames do not come back would not see that it is closed.
            source?.recycle(frame.data);
            return;
          }
          const index = taken++;
          const run = detector.pool.run([frame.data]).then((outcome) => {
            source?.recycle(outcome.returned[0]!);
            return outcome;
          });
          // Awaited in turn, below: until then its failure is not unhandled.
          run.catch(() => {});
          inOrder = inOrder.then(async () =>
            onFrame(finish(detector, tracker, options.confidence, index, frame, await run), frame.preview),
          );
          inOrder.catch(reject);
          if (taken === options.frames) resolve(null);
        },
        onState: ({ state, error }) => {
          if (state === "ended") resolve(error);
          // Only a decoding thread that died says so here: it would begin anew, and repeat frames.
          else if (state === "offline") reject(AppError.fromInfo(error ?? { code: "INTERNAL", message: "The decoding thread failed" }));
        },
        onCounters: () => {},
      },
    );
    if (options.pictures) source.setPreview(PICTURE_WIDTH);
  });
  await inOrder;
  if (taken === 0 && incomplete) throw AppError.fromInfo(incomplete);
  return incomplete;
}

function finish(
  { spec }: Detector,
  tracker: Tracker,
  confidence: number,
  index: number,
  frame: SampledFrame,
  run: Awaited<ReturnType<Detector["pool"]["run"]>>,
): DetectedFrame {
  const started = performance.now();
  const detections = tracker.update(postprocess(spec, run.outputs, 0, frame.plan, { confidence }), frame.ptsMs);
  return {
    index,
    ptsMs: frame.ptsMs,
    width: frame.width,
    height: frame.height,
    detections,
    timings: {
      decode: frame.decodeMs,
      preprocess: frame.scaleMs + run.preprocessMs,
      infer: run.inferMs,
      postprocess: performance.now() - started,
    },
  };
}
