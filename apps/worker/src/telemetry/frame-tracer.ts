import { stageNames } from "@octet/shared/domain/camera";
import type { InferredFrame } from "@octet/shared/domain/detection";
import { type Context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from "@opentelemetry/api";

/** Frames whose thumbnails are being made, and records that are not acknowledged: at most so many of each. */
const KEPT = 1000;

type FrameKey = Pick<InferredFrame, "cameraId" | "seq" | "capturedAt">;
const keyOf = ({ cameraId, seq, capturedAt }: FrameKey): string => `${cameraId}/${seq}/${capturedAt}`;

/**
 * Traces one in so many of a camera's frames: `camera.frame` from arrival to published with a span for each stage, and `link` from
 * then to the gateway's acknowledgement, where something was found. The spans are made of the times that the pipeline took anyway.
 */
export class FrameTracer {
  private readonly tracer: Tracer;
  private readonly every: number;
  private readonly now: () => number;
  private readonly counts = new Map<string, number>();
  private readonly roots = new Map<string, Context>();
  private readonly links = new Map<string, Span>();

  /** @param every 1: every frame. @param now Unix ms */
  constructor(tracer: Tracer, every: number, now: () => number = Date.now) {
    this.tracer = tracer;
    this.every = every;
    this.now = now;
  }

  /** A frame that was inferred and is being published. */
  inferred(frame: InferredFrame): void {
    const count = this.counts.get(frame.cameraId) ?? 0;
    this.counts.set(frame.cameraId, (count + 1) % this.every);
    if (count !== 0) return;
    const publishedFrom = this.now();
    // The time that publishing takes is known once it is done, which is when we are called back from.
    queueMicrotask(() => this.record(frame, publishedFrom));
  }

  /** Cameras that run from now on: of others nothing is counted any more. */
  keep(cameraIds: ReadonlySet<string>): void {
    for (const id of this.counts.keys()) if (!cameraIds.has(id)) this.counts.delete(id);
  }

  /** A traced frame's record goes to the spool. Returns the W3C `traceparent` that goes with it; null: it is not traced. */
  published(frame: FrameKey, frameId: string): string | null {
    const root = this.roots.get(keyOf(frame));
    if (!root) return null;
    this.roots.delete(keyOf(frame));
    const span = this.tracer.startSpan("link", { kind: SpanKind.PRODUCER, startTime: this.now() }, root);
    this.links.set(frameId, span);
    this.dropOldest(this.links, (dropped) =>
      dropped.setStatus({ code: SpanStatusCode.ERROR, message: "not acknowledged" }).end(this.now()),
    );
    const { traceId, spanId, traceFlags } = span.spanContext();
    return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
  }

  /** The gateway has it. */
  acknowledged(frameId: string): void {
    this.links.get(frameId)?.end(this.now());
    this.links.delete(frameId);
  }

  /**
   * Only the lengths of the stages were measured: the network's begins the frame, the others are laid end to end, back from the
   * moment of publication. What is left between is time in which the frame waited for its decoder and between threads.
   */
  private record(frame: InferredFrame, publishedFrom: number): void {
    const end = publishedFrom + frame.stages.publish;
    const root = this.tracer.startSpan(
      "camera.frame",
      {
        startTime: Math.min(frame.capturedAt, end),
        attributes: {
          "octet.camera.id": frame.cameraId,
          "octet.frame.seq": frame.seq,
          "octet.frame.width": frame.width,
          "octet.frame.height": frame.height,
          "octet.detections": frame.detections.length,
        },
      },
      ROOT_CONTEXT,
    );
    const context = trace.setSpan(ROOT_CONTEXT, root);
    let at = end;
    for (const stage of stageNames.toReversed()) {
      const startTime = stage === "network" ? frame.capturedAt : at - frame.stages[stage];
      this.tracer.startSpan(stage, { startTime }, context).end(startTime + frame.stages[stage]);
      at = startTime;
    }
    root.end(end);
    if (frame.detections.length === 0) return;
    this.roots.set(keyOf(frame), context);
    this.dropOldest(this.roots, () => {});
  }

  private dropOldest<T>(map: Map<string, T>, end: (value: T) => void): void {
    if (map.size <= KEPT) return;
    for (const [key, value] of map) {
      map.delete(key);
      end(value);
      return;
    }
  }
}
