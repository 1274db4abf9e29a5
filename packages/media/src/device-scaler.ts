import { AppError } from "@octet/shared/errors";
import type { AVPixelFormat } from "node-av/constants";
import { AV_BUFFERSRC_FLAG_KEEP_REF, AVERROR_EAGAIN } from "node-av/constants";
import { FFmpegError, Filter, type FilterContext, FilterGraph, Frame } from "node-av/lib";
import { type FilterStep, type ScalingDevice, scaleSteps } from "./scale-steps.ts";

/** What a graph is built for; it is built anew where any of this changes. */
interface Source {
  width: number;
  height: number;
  format: number;
  colorSpace: number;
  colorRange: number;
}

/** Time stamps pass through unread. */
const TIME_BASE = { num: 1, den: 1_000_000 };

/**
 * Scales frames where they lie, in a GPU's memory, and fetches only the small picture: a 1080p frame is 3.1 MB, one of
 * 640×360 0.35 MB. Holds no frame that it was given.
 */
export class DeviceScaler implements Disposable {
  readonly device: ScalingDevice;
  #source: Source | null = null;
  #size = "";
  #graph: FilterGraph | null = null;
  #input: FilterContext | null = null;
  #output: FilterContext | null = null;

  constructor(device: ScalingDevice) {
    this.device = device;
  }

  /**
   * @param frame in the device's memory; stays the caller's
   * @returns a frame in main memory of `width` × `height` pixels (rounded to even ones), which the caller frees
   * @throws AppError CAMERA_DECODE_FAILED where FFmpeg cannot build the graph or a frame does not pass it
   */
  scale(frame: Frame, width: number, height: number): Frame {
    this.#prepare(frame, scaleSteps(this.device, width, height));
    const scaled = new Frame();
    scaled.alloc();
    try {
      check(this.#input!.buffersrcAddFrameSync(frame, AV_BUFFERSRC_FLAG_KEEP_REF), "take a frame");
      const result = this.#output!.buffersinkGetFrameSync(scaled);
      check(result, result === AVERROR_EAGAIN ? "give a frame for each that it takes" : "scale a frame");
      // Matrix and range are the decoded frame's, whatever the filters made of them on the way.
      scaled.colorSpace = frame.colorSpace;
      scaled.colorRange = frame.colorRange;
      return scaled;
    } catch (error) {
      scaled.free();
      this.reset();
      throw error;
    }
  }

  /** Forgets the graph: the next frame may come from another decoder, whose pool of surfaces is another. */
  reset(): void {
    this.#graph?.free();
    this.#graph = null;
    this.#input = null;
    this.#output = null;
    this.#source = null;
  }

  #prepare(frame: Frame, steps: readonly FilterStep[]): void {
    const source: Source = {
      width: frame.width,
      height: frame.height,
      format: frame.format,
      colorSpace: frame.colorSpace,
      colorRange: frame.colorRange,
    };
    const size = JSON.stringify(steps);
    const known = this.#source;
    if (known && size === this.#size && (Object.keys(source) as (keyof Source)[]).every((key) => source[key] === known[key])) return;
    this.reset();
    this.#build(frame, source, steps);
    this.#source = source;
    this.#size = size;
  }

  #build(frame: Frame, source: Source, steps: readonly FilterStep[]): void {
    const graph = new FilterGraph();
    graph.alloc();
    this.#graph = graph;
    try {
      // Threads of FFmpeg's own would only add hand-overs to one small picture.
      graph.nbThreads = 1;
      const input = graph.allocFilter(filterNamed("buffer"), "in");
      if (!input) throw failure("make its input");
      check(
        input.buffersrcParametersSet({
          width: source.width,
          height: source.height,
          format: source.format as AVPixelFormat,
          timeBase: TIME_BASE,
          sampleAspectRatio: { num: 1, den: 1 },
          colorSpace: frame.colorSpace,
          colorRange: frame.colorRange,
          ...(frame.isHwFrame() ? { hwFramesCtx: frame.hwFramesCtx } : {}),
        }),
        "describe its input",
      );
      check(input.init(null), "open its input");
      let last = input;
      for (const [index, { filter, args }] of [...steps, { filter: "buffersink", args: null }].entries()) {
        const next = graph.createFilter(filterNamed(filter), `step${index}`, args);
        if (!next) throw failure(`make the filter ${filter}`);
        check(last.link(0, next, 0), `link the filter ${filter}`);
        last = next;
      }
      check(graph.configSync(), "be configured");
      this.#input = input;
      this.#output = last;
    } catch (error) {
      this.reset();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.reset();
  }
}

function filterNamed(name: string): Filter {
  const filter = Filter.getByName(name);
  if (!filter) throw failure(`find FFmpeg's filter ${name}`);
  return filter;
}

function failure(what: string, code?: number): AppError {
  return new AppError(
    "CAMERA_DECODE_FAILED",
    `The scaler cannot ${what}${code === undefined ? "" : `: ${FFmpegError.strerror(code) ?? code}`}`,
  );
}

function check(code: number, what: string): void {
  if (code < 0) throw failure(what, code);
}
