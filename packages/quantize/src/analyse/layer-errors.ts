import type { Graph } from "@octet/onnx/ir/graph";
import { elementCount } from "@octet/onnx/ir/tensor";
import { siluOf } from "../calibrate/derived-value.ts";
import type { Calibration, Feeds, QuantizedModel } from "../int8/quantize-model.ts";
import { ErrorAccumulator, type ErrorStatistics } from "../numeric/error-statistics.ts";
import { floatValue, paired, valueSource } from "../refine/value-source.ts";
import type { Runtime } from "../runtime.ts";
import { firstOf, simulated } from "./head-error.ts";

export interface LayerErrorOptions {
  runtime: Runtime;
  feeds: Feeds;
  /** How many of the images are used. Default: all. */
  images?: number;
  /** Bytes of activations, of both models together, that one pass fetches; more passes where there are more. Default 96 MiB. */
  bytesPerPass?: number;
  onPass?(done: number, total: number): void;
  signal?: AbortSignal;
}

/** The error of each unit's output in the quantised model, by the unit's name. */
export type LayerErrors = Map<string, ErrorStatistics>;

/**
 * How far each unit's output in the quantised model is from that in the prepared float model: all that was lost up to
 * there, its own quantisation included. What only SiLU reads is judged by what comes of it, since little of what is
 * far below 0 does. Streamed over images; Q and DQ are run as written. A model of which other
 * parts were made float16 cannot be read: take it without `half`.
 * @throws AppError INFERENCE_FAILED
 */
export async function measureLayerErrors(
  { prepared }: Pick<Calibration, "prepared">,
  quantised: QuantizedModel,
  options: LayerErrorOptions,
): Promise<LayerErrors> {
  const { runtime, feeds, images = Number.POSITIVE_INFINITY, bytesPerPass = 96 * 2 ** 20, onPass, signal } = options;
  const probes = quantised.decisions.flatMap(({ unit }) =>
    unit.outputs.flatMap((output) => {
      const value = siluOf(prepared.graph, output) ?? output;
      const actual = readersSee(quantised, value);
      return actual === null ? [] : [{ unit: unit.name, value, actual, bytes: 2 * bytesOf(prepared.graph, value) }];
    }),
  );
  const passes = inPasses(probes, bytesPerPass);
  const errors = new Map<string, ErrorAccumulator>();
  const few = () => firstOf(feeds, images);
  const float = valueSource(prepared, few, runtime);
  const other = valueSource(quantised.model, few, simulated(runtime));
  for (const [done, pass] of passes.entries()) {
    const names = pass.map(({ value }) => value);
    const actualNames = pass.map(({ actual }) => actual);
    for await (const [reference, approximation] of paired(float, names, other, actualNames)) {
      signal?.throwIfAborted();
      for (const { unit, value, actual } of pass) {
        if (!errors.has(unit)) errors.set(unit, new ErrorAccumulator());
        errors.get(unit)!.add(floatValue(reference, value).data, floatValue(approximation, actual).data);
      }
    }
    onPass?.(done + 1, passes.length);
  }
  return new Map([...errors].map(([name, error]) => [name, error.result()]));
}

/** The value that readers of `value` get: what comes out of its DQ where all read that. Null where it is gone. */
function readersSee({ model: { graph }, plan }: QuantizedModel, value: string): string | null {
  if (!graph.producer(value)) return null;
  if (plan.pairs.get(value)?.readers !== "all") return value;
  const quantize = graph.consumers(value).find(({ opType }) => opType === "QuantizeLinear");
  // A model's output has its own name after the DQ, and no Q of its own reads it.
  if (!quantize) return value;
  const dequantize = graph.consumers(quantize.outputs[0]!).find(({ opType }) => opType === "DequantizeLinear");
  return dequantize?.outputs[0] ?? value;
}

/** Unknown sizes count as 1: a batch is one image here. */
function bytesOf(graph: Graph, value: string): number {
  const info = graph.valueInfo.get(value) ?? graph.outputs.find(({ name }) => name === value);
  return 4 * elementCount((info?.shape ?? []).map((dim) => (typeof dim === "number" ? dim : 1)));
}

function inPasses<T extends { bytes: number }>(probes: readonly T[], limit: number): T[][] {
  const passes: T[][] = [];
  let room = 0;
  for (const probe of probes) {
    if (passes.length === 0 || probe.bytes > room) {
      passes.push([]);
      room = limit;
    }
    passes.at(-1)!.push(probe);
    room -= probe.bytes;
  }
  return passes;
}
