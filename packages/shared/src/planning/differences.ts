import { type FrameSize, fullHd, pixels, sizeName } from "./frame-size.ts";
import { gpuById, oneOf } from "./gpu-catalogue.ts";
import { type Plan, plan } from "./plan.ts";
import { precisionFormats } from "./precision.ts";
import { referenceGpu, referenceModel, runDecodeSize, runDetectFps, streamRuns } from "./reference-runs.ts";
import type { comparePrecisions } from "./sweep.ts";

const cameras = (count: number): string => `${count} ${count === 1 ? "camera" : "cameras"}`;

/**
 * Why the decision tree says another precision than the widest that fits by this plan's figures; null where they agree.
 * @param compared the same site in each precision
 */
export function treeDifference(
  { input, gpu, cameras: all, explanation }: Plan,
  compared: ReturnType<typeof comparePrecisions>,
): string | null {
  const { advice } = explanation;
  const name = precisionFormats[advice.precision].name;
  const advised = compared.find(({ precision }) => precision === advice.precision)?.plan ?? null;
  const widest = compared.find((each) => each.plan?.fits)?.plan ?? null;
  const lower =
    advice.lowerDecodeSize && advised?.fits === false && pixels(advised.decoded) === pixels(input.resolution)
      ? " The tree counts on a lower decode size; this plan has the full one."
      : "";
  // What is overloaded most need not be what ends first.
  const ends = advised && `${advised.bottleneck} ends at ${cameras(advised.loads[advised.bottleneck].streams ?? 0)} in ${name}`;
  if (!widest) {
    const decoding = advised?.bottleneck === "decode" ? ", as in every precision: decoding does not depend on it" : "";
    return ends && `The tree does not make ${cameras(all)} fit on ${oneOf(gpu)}: ${ends}${decoding}.${lower}`;
  }
  if (widest.input.precision === advice.precision) return null;
  const fitting = precisionFormats[widest.input.precision].name;
  const basis = `The tree goes by ${advice.precision === "fp32" ? "memory and FP32's speed" : "memory and the number of cameras"}.`;
  const { capacity, source } = widest.loads.compute;
  if (widest.input.precision === "fp32" || (widest.input.precision === "fp16" && advice.precision === "int8")) {
    const doubt = source === "measured" ? "" : " Measure it before you rely on that.";
    return `${basis} By this plan's figures ${fitting} fits too, up to ${cameras(widest.streams)}: it infers ${capacity.toFixed(0)} frames/s (${source}).${doubt}`;
  }
  return `${basis} Here ${ends ?? `${name} was not measured`}, and ${fitting} fits, up to ${cameras(widest.streams)}.${lower}`;
}

export interface RunDifference {
  /** False where the plan is another case than the run's. */
  comparable: boolean;
  text: string;
}

/** How this plan differs from the published run of 70 cameras, or why it carries other numbers; null where they agree. */
export function runDifference(result: Plan): RunDifference | null {
  const { input, gpu, model, decoded, loads, streams } = result;
  const others = [
    ...(input.others.length === 0 ? [] : ["cameras of several kinds"]),
    ...(gpu.id === referenceGpu ? [] : [`${gpu.name} for ${gpuById(referenceGpu).name}`]),
    ...(model.id === referenceModel ? [] : [`another detector`]),
    ...(same(input.resolution, fullHd) ? [] : [`${sizeName(input.resolution)} cameras`]),
    ...(same(decoded, runDecodeSize) ? [] : [`decoded at ${sizeName(decoded)}`]),
    ...(input.detectFps === runDetectFps ? [] : [`${input.detectFps} inferred a second`]),
  ];
  if (others.length > 0) return { comparable: false, text: `This plan is another case: ${others.join(", ")}.` };
  const run = streamRuns.find(({ precision }) => precision === input.precision)!;
  const name = precisionFormats[input.precision].name;
  const held = run.streams * runDetectFps;
  const rate = Math.round(held / run.gpuLoad);
  const fleet = { ...input.fleet, inference: [{ model: model.id, precision: input.precision, framesPerSecond: rate, from: "that run" }] };
  const alike = plan({ ...input, fleet }).streams;
  if (Math.abs(streams - alike) <= 0.05 * alike) return null;
  const { capacity, source } = loads.compute;
  return {
    comparable: true,
    text: `In ${name} this plan carries ${cameras(streams)}, that run ${run.streams}: there ${held} frames/s took ${Math.round(run.gpuLoad * 100)} % of the GPU, so ${rate} would take all of it, and here it infers ${capacity.toFixed(0)} (${source}). With an inference rate of ${rate} this plan ends at ${alike}.`,
  };
}

const same = (a: FrameSize, b: FrameSize): boolean => a.width === b.width && a.height === b.height;
