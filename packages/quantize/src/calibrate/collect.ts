import { cloneModel } from "@octet/onnx/io/clone-model";
import { encodeModel } from "@octet/onnx/io/encode-model";
import type { Model } from "@octet/onnx/ir/model";
import { elementCount } from "@octet/onnx/ir/tensor";
import { addInts } from "@octet/onnx/passes/constants-of";
import { AppError } from "@octet/shared/errors";
import type { Runtime, RuntimeSession, RuntimeTensor } from "../runtime.ts";
import { emptyCalibration, type RangeObserver } from "./range-observer.ts";
import { type ShapeOf, shapesFor } from "./value-shapes.ts";

export interface CollectOptions {
  runtime: Runtime;
  /** Model inputs, one set a run; may be made lazily, so that only one is in memory. */
  feeds: AsyncIterable<Readonly<Record<string, RuntimeTensor>>> | Iterable<Readonly<Record<string, RuntimeTensor>>>;
  /** Values of each image that a histogram counts, at most; its smallest and largest are exact all the same. Default 65,536. */
  samplesPerImage?: number;
  onImage?(done: number): void;
  signal?: AbortSignal;
}

interface Probe {
  value: string;
  min: string;
  max: string;
  /** Absent where nothing but the extent is wanted. */
  sample: string | null;
}

/**
 * Lets observers see what values of the model take while it runs over images. Extents and samples are taken inside the
 * graph, so that neither the activations themselves nor anything that grows with the number of images reaches
 * JavaScript. A sample is every k-th element, k being coprime to the rows it strides over.
 * @returns images seen
 * @throws AppError CALIBRATION_EMPTY without images, INFERENCE_FAILED
 */
export async function collectRanges(
  model: Model,
  observers: ReadonlyMap<string, RangeObserver>,
  wantsSamples: boolean,
  { runtime, feeds, samplesPerImage = 65_536, onImage, signal }: CollectOptions,
): Promise<number> {
  let session: RuntimeSession | null = null;
  let probes: Probe[] = [];
  let wanted: string[] = [];
  let images = 0;
  try {
    for await (const feed of feeds) {
      if (signal?.aborted) throw signal.reason;
      if (!session) {
        const probed = cloneModel(model);
        // Deepest first: ONNX Runtime begins with the last node that nothing reads, and works back from it. The other way
        // round all activations would be alive until the end.
        probes = addProbes(probed, [...observers.keys()].reverse(), wantsSamples ? samplesPerImage : 0, shapesFor(model, feed));
        wanted = probes.flatMap(({ min, max, sample }) => (sample ? [min, max, sample] : [min, max]));
        session = await runtime.load(encodeModel(probed), { optimise: "all" });
      }
      const results = await session.run(feed, wanted);
      for (const { value, min, max, sample } of probes) {
        const extent = { min: Number(results[min]?.data[0]), max: Number(results[max]?.data[0]) };
        const known = Number.isFinite(extent.min) && Number.isFinite(extent.max);
        const values = sample ? floats(results[sample]) : Float32Array.of(extent.min, extent.max);
        observers.get(value)!.observe(values, known ? extent : undefined);
      }
      images++;
      onImage?.(images);
    }
  } finally {
    await session?.close();
  }
  if (images === 0) throw emptyCalibration();
  return images;
}

function floats(tensor: RuntimeTensor | undefined): Float32Array {
  if (tensor?.data instanceof Float32Array) return tensor.data;
  throw new AppError("INTERNAL", "A calibration sample did not arrive as float32");
}

/** Adds ReduceMin, ReduceMax and a strided sample of each value as outputs. */
function addProbes(model: Model, values: readonly string[], samples: number, shapeOf: ShapeOf): Probe[] {
  const { graph } = model;
  const everything = samples > 0 ? addInts(graph, "octet_flat", [-1]) : "";
  const zero = addInts(graph, "octet_from", [0]);
  const end = addInts(graph, "octet_to", [2n ** 62n]);
  graph.outputs = [];
  const steps = new Map<number, string>();
  return values.map((value) => {
    const output = (opType: string, inputs: string[], keepDims?: boolean): string => {
      const name = graph.freshName(`octet_${opType}_${value}`);
      graph.addNode({
        opType,
        inputs,
        outputs: [name],
        attributes: new Map(keepDims === false ? [["keepdims", { type: "int" as const, value: 0n }]] : []),
      });
      return name;
    };
    const publish = (name: string): string => {
      graph.outputs.push({ name, dataType: "float32", shape: null });
      return name;
    };
    const min = publish(output("ReduceMin", [value], false));
    const max = publish(output("ReduceMax", [value], false));
    if (samples === 0) return { value, min, max, sample: null };
    const flat = output("Reshape", [value, everything]);
    const step = strideFor(shapeOf(value), samples);
    if (!steps.has(step)) steps.set(step, addInts(graph, `octet_step_${step}`, [step]));
    return { value, min, max, sample: publish(step === 1 ? flat : output("Slice", [flat, zero, end, zero, steps.get(step)!])) };
  });
}

/** Every how many elements one is taken: coprime to the width, so that all columns take part. */
function strideFor(shape: ReturnType<ShapeOf>, samples: number): number {
  const dims = (shape ?? []).map((dim) => (typeof dim === "number" ? dim : 1));
  const total = elementCount(dims);
  if (shape === null || total <= samples) return 1;
  const width = dims.at(-1) ?? 1;
  let step = Math.ceil(total / samples);
  while (gcd(step, width) > 1) step++;
  return step;
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
