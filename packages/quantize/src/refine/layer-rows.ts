import type { Model } from "@octet/onnx/ir/model";
import { constantOf } from "@octet/onnx/passes/constants-of";
import { emptyCalibration } from "../calibrate/range-observer.ts";
import { type ShapeOf, shapesFor } from "../calibrate/value-shapes.ts";
import type { Unit } from "../int8/units.ts";
import type { Runtime } from "../runtime.ts";
import { ElementGatherer } from "./element-gatherer.ts";
import { seededRandom } from "./random.ts";
import { type ConvGeometry, convGeometry, GroupedRows, inputElements, outputElements, randomPlaces } from "./sample-rows.ts";
import type { Values } from "./value-source.ts";

type Feeds = () => Iterable<Values> | AsyncIterable<Values>;

/** A convolution that rows are wanted of. */
export interface SampledLayer {
  unit: Unit;
  geometry: ConvGeometry;
  /** Its input's name in the quantised model. */
  input: string;
  inputDims: readonly number[];
  outputDims: readonly number[];
  rows: number;
  /** Of its input rows, bytes. */
  size: number;
  random: () => number;
}

export interface LayerRows {
  /** [groups, rows, K] */
  inputs: GroupedRows;
  /** [groups, rows, M/groups] of the float model; null: what the float weights make of the inputs. */
  targets: GroupedRows | null;
}

/** Places a layer is fitted to: several times its inputs, within what stays quick. */
const rowsFor = (depth: number): number => Math.min(2048, Math.max(1024, 4 * depth));

/** Bytes of rows held at once; where the layers want more, the images are read again. */
const ROWS_IN_MEMORY = 40 * 2 ** 20;

interface LayersOptions {
  prepared: Model;
  quantised: Model;
  /** Convolutions with explicit padding. */
  units: readonly Unit[];
  feeds: Feeds;
  seed: number;
}

/** Without those whose sizes are not known: such a layer is left as it is. @throws AppError CALIBRATION_EMPTY */
export async function sampledLayers({ prepared, quantised, units, feeds, seed }: LayersOptions): Promise<SampledLayer[]> {
  const shapeOf = await shapesOnce(prepared, feeds);
  const inputs = new Map(quantised.graph.nodes.map((node) => [node.name, node.inputs[0]!]));
  return units.flatMap((unit, at): SampledLayer[] => {
    const { dims } = constantOf(prepared.graph, unit.node.inputs[1])!;
    const inputDims = known(shapeOf(unit.node.inputs[0]!));
    const outputDims = known(shapeOf(unit.node.outputs[0]!));
    if (!inputDims || !outputDims) return [];
    const geometry = convGeometry(unit.node, dims);
    const depth = dims[1]! * dims[2]! * dims[3]!;
    const rows = rowsFor(depth);
    const size = geometry.groups * rows * depth * Float32Array.BYTES_PER_ELEMENT;
    return [{ unit, geometry, input: inputs.get(unit.name)!, inputDims, outputDims, rows, size, random: seededRandom(seed + at) }];
  });
}

/** The layers in order, in parts whose rows fit into memory together. */
export function byMemory(layers: readonly SampledLayer[]): SampledLayer[][] {
  const parts: SampledLayer[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const layer of layers) {
    if (size + layer.size > ROWS_IN_MEMORY) {
      parts.push([]);
      size = 0;
    }
    parts.at(-1)!.push(layer);
    size += layer.size;
  }
  return parts;
}

interface RowsOptions {
  quantised: Model;
  /** Where targets come from; null: there are none. */
  float: Model | null;
  runtime: Runtime;
  feeds: Feeds;
  images: number;
  signal?: AbortSignal;
}

/** Rows of the layers at random places, the same in both models, from one reading of the images. @throws AppError INFERENCE_FAILED */
export async function sampleRows(layers: readonly SampledLayer[], options: RowsOptions): Promise<LayerRows[]> {
  const { quantised, float, runtime, feeds, images, signal } = options;
  const simulated: Runtime = { load: (model, choices) => runtime.load(model, { ...choices, simulate: true }) };
  const inputNames = layers.map(({ input }) => input);
  const outputNames = layers.map(({ unit }) => unit.node.outputs[0]!);
  const inputs = await ElementGatherer.create(quantised, inputNames, simulated);
  const targets = float && (await ElementGatherer.create(float, outputNames, runtime));
  const sampled = layers.map(({ geometry: { groups }, rows }): LayerRows => {
    return { inputs: new GroupedRows(groups, rows), targets: float && new GroupedRows(groups, rows) };
  });
  try {
    for await (const feed of feeds()) {
      signal?.throwIfAborted();
      const counts = layers.map(({ rows }, at) => Math.min(sampled[at]!.inputs.open, Math.ceil(rows / images)));
      const places = layers.map(({ outputDims, random }, at) => randomPlaces(outputDims, counts[at]!, random));
      const elements = layers.map(({ geometry, inputDims }, at) => inputElements(geometry, inputDims, places[at]!));
      for (const [at, values] of (await inputs.run(feed, elements)).entries()) sampled[at]!.inputs.add(values, counts[at]!);
      if (!targets) continue;
      const wanted = layers.map(({ geometry, outputDims }, at) => outputElements(geometry, outputDims, places[at]!));
      for (const [at, values] of (await targets.run(feed, wanted)).entries()) sampled[at]!.targets!.add(values, counts[at]!);
    }
  } finally {
    await inputs.close();
    await targets?.close();
  }
  return sampled;
}

async function shapesOnce(prepared: Model, feeds: Feeds): Promise<ShapeOf> {
  for await (const feed of feeds()) return shapesFor(prepared, feed);
  throw emptyCalibration();
}

const known = (shape: ReturnType<ShapeOf>): number[] | null =>
  shape?.every((dim) => typeof dim === "number") ? (shape as number[]) : null;
