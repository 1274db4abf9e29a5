import type { Graph } from "@octet/onnx/ir/graph";
import type { Attribute, Model } from "@octet/onnx/ir/model";
import { elementCount } from "@octet/onnx/ir/tensor";
import { addInts } from "@octet/onnx/passes/constants-of";
import { AppError } from "@octet/shared/errors";
import type { RuntimeTensor } from "../runtime.ts";
import { type Derivation, derivationOf, derivedExtent } from "./derived-value.ts";
import type { Range } from "./range-observer.ts";
import type { ShapeOf } from "./value-shapes.ts";

/**
 * What is seen of a value: its smallest and largest, a sample of it, or both. Extents cost more than the model itself: each value is
 * brought into the order of rows and read twice for it.
 */
export type Look = "extents" | "samples" | "both";

interface Probe {
  value: string;
  /** Where its smallest stands among all pieces, its largest being the next, or from whose extent its own follows. */
  extent: number | { of: Probe; by: Derivation["by"] } | null;
  /** Where its sample stands among all pieces. */
  sample: number | null;
}

export interface Seen {
  value: string;
  /** The sample; the extent's two ends where none was asked for. */
  values: Float32Array;
  /** null where it was not asked for, or is not finite. */
  extent: Range | null;
}

const PIECES = "octet_pieces";
const SIZES = "octet_sizes";

/**
 * Nodes that take extents and samples of values inside the graph, in place of its outputs. A sample is a grid over a feature map, or every
 * k-th row. An activation function's output is not looked at where its input is: its extent follows from that one's,
 * and its sample is the function of that one's sample. All come out in one tensor: fetching hundreds takes a quarter of a run, and where
 * nodes that nothing reads are many, ONNX Runtime keeps activations for the last of them.
 */
export class Probes {
  /** Names of the outputs to fetch. */
  readonly outputs: readonly string[] = [PIECES, SIZES];
  private readonly probes: readonly Probe[];

  private constructor(probes: readonly Probe[]) {
    this.probes = probes;
  }

  /** Changes the model. @param values those that come last in the model first, which keeps the fewest alive. @param samples values of a sample, about */
  static addTo(model: Model, values: readonly string[], look: Look, samples: number, shapeOf: ShapeOf): Probes {
    const { graph } = model;
    const writer = new ProbeWriter(graph);
    const { looked, followers } = followed(graph, values);
    const pieces: string[] = [];
    const piece = (name: string): number => pieces.push(name) - 1;
    const probes = looked.flatMap((value) => {
      const probe: Probe = { value, extent: null, sample: null };
      if (look !== "samples") {
        probe.extent = piece(writer.node("ReduceMin", [value], value, { keepdims: 0 }));
        piece(writer.node("ReduceMax", [value], value, { keepdims: 0 }));
      }
      const sample = look === "extents" ? null : writer.sample(value, knownShape(shapeOf(value)), samples);
      if (sample !== null) probe.sample = piece(sample);
      const follow = (follower: Follower): Probe => ({
        value: follower.value,
        extent: probe.extent === null ? null : { of: probe, by: follower.by },
        sample: sample === null ? null : piece(writer.apply(follower.by, sample, follower.value)),
      });
      return [probe, ...(followers.get(value) ?? []).map(follow)];
    });
    graph.outputs = [];
    writer.publish(PIECES, pieces, "float32");
    const sizes = pieces.map((name) => writer.node("Size", [name], name));
    writer.publish(SIZES, sizes, "int64");
    return new Probes(probes);
  }

  /** What one run saw. Samples are views of one array, which the next run does not touch. */
  *read(results: Readonly<Record<string, RuntimeTensor>>): Generator<Seen> {
    const pieces = results[PIECES]?.data;
    const sizes = results[SIZES]?.data;
    if (!(pieces instanceof Float32Array && sizes instanceof BigInt64Array)) throw new AppError("INTERNAL", "Calibration saw nothing");
    const starts = [0];
    for (const size of sizes) starts.push(starts.at(-1)! + Number(size));
    const extentOf = ({ extent }: Probe): Range | null => {
      if (extent === null) return null;
      if (typeof extent === "number") return { min: pieces[starts[extent]!]!, max: pieces[starts[extent + 1]!]! };
      return derivedExtent(extent.by, extentOf(extent.of)!);
    };
    for (const probe of this.probes) {
      const extent = extentOf(probe);
      const finite = extent && Number.isFinite(extent.min) && Number.isFinite(extent.max) ? extent : null;
      const { value, sample } = probe;
      const values = sample === null ? Float32Array.of(extent!.min, extent!.max) : pieces.subarray(starts[sample]!, starts[sample + 1]!);
      yield { value, values, extent: finite };
    }
  }
}

interface Follower {
  value: string;
  by: Derivation["by"];
}

/** Which values must be looked at, and which follow from those. */
function followed(graph: Graph, values: readonly string[]): { looked: string[]; followers: Map<string, Follower[]> } {
  const observed = new Set(values);
  const looked: string[] = [];
  const followers = new Map<string, Follower[]>();
  for (const value of values) {
    const derivation = derivationOf(graph, value);
    // One step only: what follows itself has no place of its own to be looked at.
    if (!derivation || !observed.has(derivation.source) || derivationOf(graph, derivation.source)) looked.push(value);
    else followers.set(derivation.source, [...(followers.get(derivation.source) ?? []), { value, by: derivation.by }]);
  }
  return { looked, followers };
}

class ProbeWriter {
  private readonly graph: Graph;
  private readonly constants = new Map<string, string>();

  constructor(graph: Graph) {
    this.graph = graph;
  }

  node(opType: string, inputs: string[], of: string, attributes: Record<string, number | number[]> = {}): string {
    const name = this.graph.freshName(`octet_${opType}_${of}`);
    const typed = Object.entries(attributes).map(([key, value]): [string, Attribute] => [key, intAttribute(value)]);
    this.graph.addNode({ opType, inputs, outputs: [name], attributes: new Map(typed) });
    return name;
  }

  /** @returns a sample's name */
  sample(value: string, shape: readonly number[] | null, samples: number): string {
    // Where ONNX Runtime lays feature maps out in blocks of channels, pooling over one element takes a grid out of them as they are.
    const grid = this.graph.producer(value)?.opType === "Conv" ? gridFor(shape, samples) : null;
    if (grid) {
      const pooled = this.node("MaxPool", [value], value, { kernel_shape: [1, 1], strides: grid });
      // Its first row and column are the picture's edge, which would count for more than it is.
      return this.slice(pooled, value, [1, 1], [2, 3], [1, 1]);
    }
    const { width, step } = rowsFor(shape, samples);
    const rows = this.node("Reshape", [value, this.ints("rows", [-1, width])], value);
    return step === 1 ? rows : this.slice(rows, value, [step >> 1], [0], [step]);
  }

  apply(by: Derivation["by"], source: string, of: string): string {
    return by === "SiLU" ? this.node("Mul", [source, this.node("Sigmoid", [source], of)], of) : this.node(by, [source], of);
  }

  /** Makes one output of many values, one after the other. */
  publish(name: string, values: readonly string[], dataType: "float32" | "int64"): void {
    const flat = values.map((value) => this.node("Reshape", [value, this.ints("flat", [-1])], value));
    this.graph.addNode({ opType: "Concat", inputs: flat, outputs: [name], attributes: new Map([["axis", intAttribute(0)]]) });
    this.graph.outputs.push({ name, dataType, shape: null });
  }

  private slice(from: string, of: string, starts: number[], axes: number[], steps: number[]): string {
    const ends = axes.map(() => 2n ** 62n);
    const inputs = [from, this.ints("from", starts), this.ints("to", ends), this.ints("axes", axes), this.ints("steps", steps)];
    return this.node("Slice", inputs, of);
  }

  private ints(role: string, numbers: readonly (number | bigint)[]): string {
    const key = `octet_${role}_${numbers.join("_")}`;
    const name = this.constants.get(key) ?? addInts(this.graph, key, numbers);
    this.constants.set(key, name);
    return name;
  }
}

const intAttribute = (value: number | number[]): Attribute =>
  typeof value === "number" ? { type: "int", value: BigInt(value) } : { type: "ints", value: value.map(BigInt) };

const knownShape = (shape: ReturnType<ShapeOf>): number[] | null => shape?.map((dim) => (typeof dim === "number" ? dim : 1)) ?? null;

/**
 * Steps in height and width of a grid over a feature map that leaves about so many values. Odd, as repeated rows come in pairs. Null where
 * the value is small enough, or next to nothing would be left inside the edge.
 */
function gridFor(shape: readonly number[] | null, samples: number): [number, number] | null {
  if (shape?.length !== 4) return null;
  const [, , height = 0, width = 0] = shape;
  const ratio = elementCount(shape) / samples;
  if (ratio <= 1) return null;
  const odd = (least: number): number => Math.ceil(least) | 1;
  const down = odd(Math.sqrt(ratio));
  const across = odd(ratio / down);
  return Math.ceil(height / down) >= 3 && Math.ceil(width / across) >= 3 ? [down, across] : null;
}

/**
 * Of a value as rows of its last dimension, of which every `step`-th is taken: whole rows, since picking single elements takes longer than the
 * layer that made them. The step shares no factor with the rows of a channel, so that all of them take part, nor with 2
 * or 3, by which anchors repeat.
 */
function rowsFor(shape: readonly number[] | null, samples: number): { width: number; step: number } {
  const total = shape === null ? 0 : elementCount(shape);
  const width = total === 0 ? 1 : (shape!.at(-1) ?? 1);
  if (total <= samples) return { width, step: 1 };
  // A few long rows: single elements after all.
  const [rowWidth, period] = total / width < (8 * total) / samples ? [1, width] : [width, shape!.at(-2) ?? 1];
  let step = Math.ceil(total / samples);
  while (gcd(step, 6 * period) > 1) step++;
  return { width: rowWidth, step };
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
