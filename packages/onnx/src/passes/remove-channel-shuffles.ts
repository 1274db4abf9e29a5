import type { Graph } from "../ir/graph.ts";
import { type GraphNode, intAttribute, intsAttribute, type Model } from "../ir/model.ts";
import type { Tensor } from "../ir/tensor.ts";
import type { ValueState } from "../ops/infer-context.ts";
import { inferValues } from "../ops/infer-shapes.ts";
import { elementwiseOps, perChannelOps } from "../ops/per-channel.ts";
import { addInts, constantOf } from "./constants-of.ts";
import { removeUnread } from "./fold-constants.ts";

/** One channel of a value that is computed: what concatenations, splits and shuffles only hand on. */
interface Wire {
  source: string;
  channel: number;
}

/** Channels of one source that lie side by side; `end` is not among them. */
interface Run {
  source: string;
  start: number;
  end: number;
}

/** A reader that takes its channels in the order in which they lie: `order[at]` is which of them it meant by the one at `at`. */
interface Rewrite {
  node: GraphNode;
  order: number[];
  /** By input position. */
  inputs: Map<number, Run[]>;
  /** Another name for what it writes, where that lies in `order` too. */
  output: string | null;
}

interface Shuffle {
  input: string;
  groups: number;
}

/** What computes each channel by itself, whichever order they lie in. */
const perChannel = new Set([...perChannelOps, "Elu"]);

/**
 * Takes out channel shuffles (Reshape, Transpose, Reshape: ShuffleNet, arXiv:1707.01083) with the concatenations and splits
 * around them: each convolution reads the channels it needs from where they are computed, in the order in which they lie
 * there, and its weights are put into that order. Memory is moved once for each reader instead of at each shuffle. Says how
 * many shuffles went; none where one of their readers needs the order that there was. From opset 13.
 */
export function removeChannelShuffles(): (model: Model) => number {
  return (model) => {
    const { graph } = model;
    if ((model.opsets.get("") ?? 1) < 13) return 0;
    const states = inferValues(model);
    const shuffles = findShuffles(graph, states);
    if (shuffles.size === 0) return 0;
    const rewrites = new ChannelRouting(graph, states, shuffles).rewrites();
    if (!rewrites) return 0;
    const parts = new ChannelParts(graph, states, rewrites);
    for (const rewrite of rewrites) apply(graph, rewrite, parts);
    graph.changed();
    removeUnread(graph);
    graph.prune();
    graph.sort();
    return shuffles.size;
  };
}

/** By the last of its three nodes. */
function findShuffles(graph: Graph, states: ReadonlyMap<string, ValueState>): Map<GraphNode, Shuffle> {
  const found = new Map<GraphNode, Shuffle>();
  for (const node of graph.nodes) {
    if (node.opType !== "Transpose" || node.domain !== "") continue;
    const first = graph.producer(node.inputs[0]!);
    const [last, ...others] = graph.consumers(node.outputs[0]!);
    if (first?.opType !== "Reshape" || last?.opType !== "Reshape" || others.length > 0) continue;
    if (graph.consumers(first.outputs[0]!).length > 1 || [first, node].some(({ outputs }) => graph.isOutput(outputs[0]!))) continue;
    const shape = states.get(first.inputs[0]!)?.shape;
    const split = states.get(first.outputs[0]!)?.shape;
    const joined = states.get(last.outputs[0]!)?.shape;
    const channels = shape?.[1];
    const groups = split?.[1];
    if (!shape || !split || !joined || typeof channels !== "number" || typeof groups !== "number") continue;
    const perm = intsAttribute(node, "perm", []);
    const swaps = perm.length === shape.length + 1 && perm.every((from, to) => from === (to === 1 ? 2 : to === 2 ? 1 : to));
    const same = (a: readonly unknown[], b: readonly unknown[]) =>
      a.length === b.length && a.every((dim, at) => dim !== null && dim === b[at]);
    if (!swaps || !same(shape, joined) || !same([shape[0], groups, channels / groups, ...shape.slice(2)], split)) continue;
    found.set(last, { input: first.inputs[0]!, groups });
  }
  return found;
}

/** Follows channels through the graph. */
class ChannelRouting {
  private readonly graph: Graph;
  private readonly states: ReadonlyMap<string, ValueState>;
  private readonly shuffles: ReadonlyMap<GraphNode, Shuffle>;
  /** What the channels of handed-on values are. */
  private readonly wires = new Map<string, Wire[]>();
  /** Values that come of a shuffle, and so will not be there any more. */
  private readonly gone = new Set<string>();
  /** Sources, in the order in which they were met: that in which they will be concatenated. */
  private readonly ranks = new Map<string, number>();

  constructor(graph: Graph, states: ReadonlyMap<string, ValueState>, shuffles: ReadonlyMap<GraphNode, Shuffle>) {
    this.graph = graph;
    this.states = states;
    this.shuffles = shuffles;
  }

  /** How each reader of shuffled channels is to read; null where one cannot. */
  rewrites(): Rewrite[] | null {
    const { graph, gone } = this;
    const within = new Set([...this.shuffles.keys()].flatMap((last) => before(graph, last)));
    const rewrites: Rewrite[] = [];
    for (const node of graph.nodes) {
      if (within.has(node) || this.handsOn(node)) continue;
      if (!node.inputs.some((value) => gone.has(value))) continue;
      const rewrite = this.rewriteOf(node);
      if (!rewrite) return null;
      rewrites.push(rewrite);
    }
    return graph.outputs.some(({ name }) => gone.has(name)) ? null : rewrites;
  }

  /** Whether the node only hands channels on; if so, which. */
  private handsOn(node: GraphNode): boolean {
    const shuffle = this.shuffles.get(node);
    const [output] = node.outputs;
    if (shuffle) {
      const wires = this.wiresOf(shuffle.input);
      if (!wires) return false;
      const per = wires.length / shuffle.groups;
      const order = wires.map((_, at) => (at % shuffle.groups) * per + Math.floor(at / shuffle.groups));
      this.wires.set(
        output!,
        order.map((from) => wires[from]!),
      );
      this.gone.add(output!);
      return true;
    }
    if (node.domain !== "") return false;
    if (node.opType === "Slice") return this.slices(node);
    if (node.opType !== "Concat" && node.opType !== "Split") return false;
    const values = node.opType === "Concat" ? node.inputs : node.inputs.slice(0, 1);
    const rank = this.states.get(values[0]!)?.shape?.length;
    const axis = intAttribute(node, "axis", 0);
    if (rank === undefined || (axis < 0 ? axis + rank : axis) !== 1) return false;
    const inputs = values.map((value) => this.wiresOf(value));
    if (inputs.some((wires) => !wires)) return false;
    const all = inputs.flatMap((wires) => wires!);
    let at = 0;
    for (const name of node.outputs) {
      const count = this.channelsOf(name);
      if (count === null) return false;
      this.wires.set(name, all.slice(at, at + count));
      at += count;
      if (values.some((value) => this.gone.has(value))) this.gone.add(name);
    }
    return true;
  }

  /** The channels that a Slice picks, if it picks along no other axis. */
  private slices(node: GraphNode): boolean {
    const [value, ...limits] = node.inputs;
    const [start, end, axis, step] = limits.map((name) => {
      const tensor = constantOf(this.graph, name);
      return tensor && tensor.data.length === 1 ? Number(tensor.data[0]) : null;
    });
    const wires = this.wiresOf(value!);
    const rank = this.states.get(value!)?.shape?.length;
    if (!wires || rank === undefined || typeof start !== "number" || typeof end !== "number" || typeof axis !== "number") return false;
    if ((axis < 0 ? axis + rank : axis) !== 1 || (limits.length > 3 && step !== 1)) return false;
    const [output] = node.outputs;
    this.wires.set(output!, wires.slice(start, end));
    if (this.gone.has(value!)) this.gone.add(output!);
    return true;
  }

  private rewriteOf(node: GraphNode): Rewrite | null {
    if (node.domain !== "") return null;
    const [first, second] = node.inputs;
    const { graph, gone } = this;
    const [output] = node.outputs;
    if (node.opType === "Conv") {
      const weight = constantOf(graph, node.inputs[1]);
      const bias = node.inputs[2] ? constantOf(graph, node.inputs[2]) : null;
      if (!weight || bias === undefined) return null;
      const group = intAttribute(node, "group", 1);
      if (group === 1) return this.reading(node, [first!], false);
      return group === weight.dims[0] && weight.dims[1] === 1 && this.channelsOf(first!) === group
        ? this.reading(node, [first!], true)
        : null;
    }
    if (node.outputs.length > 1 && node.outputs.slice(1).some((name) => name !== "")) return null;
    if (perChannel.has(node.opType)) {
      // Limits of a Clip and the like are scalars.
      return node.inputs.slice(1).every((value) => !gone.has(value)) ? this.reading(node, [first!], true) : null;
    }
    const alike = (value: string | undefined) => this.states.get(value ?? "")?.shape?.join();
    if (!elementwiseOps.has(node.opType) || alike(first) === undefined || alike(first) !== alike(second) || !output) return null;
    return this.reading(node, [first!, second!], true);
  }

  private reading(node: GraphNode, values: readonly string[], keepsOrder: boolean): Rewrite | null {
    const inputs = new Map<number, Run[]>();
    let order: number[] | null = null;
    for (const [position, value] of values.entries()) {
      const wires = this.wiresOf(value);
      if (!wires) return null;
      const sorted = wires.map((_, at) => at).sort((a, b) => this.compare(wires[a]!, wires[b]!));
      if (order && !sorted.every((from, at) => from === order![at])) return null;
      order = sorted;
      inputs.set(position, runsOf(sorted.map((from) => wires[from]!)));
    }
    if (!order) return null;
    if (!keepsOrder) return { node, order, inputs, output: null };
    const value = node.outputs[0]!;
    const output = this.graph.freshName(`${value}_in_order`);
    const wires: Wire[] = [];
    for (const [channel, from] of order.entries()) wires[from] = { source: output, channel };
    this.ranks.set(output, this.ranks.size);
    this.wires.set(value, wires);
    this.gone.add(value);
    return { node, order, inputs, output };
  }

  private wiresOf(value: string): Wire[] | null {
    const known = this.wires.get(value);
    if (known) return known;
    const channels = this.channelsOf(value);
    if (channels === null) return null;
    if (!this.ranks.has(value)) this.ranks.set(value, this.ranks.size);
    return Array.from({ length: channels }, (_, channel) => ({ source: value, channel }));
  }

  private compare(a: Wire, b: Wire): number {
    return this.ranks.get(a.source)! - this.ranks.get(b.source)! || a.channel - b.channel;
  }

  private channelsOf(value: string): number | null {
    const dim = this.states.get(value)?.shape?.[1];
    return typeof dim === "number" ? dim : null;
  }
}

/** The nodes of a shuffle before its last. */
function before(graph: Graph, last: GraphNode): GraphNode[] {
  const transpose = graph.producer(last.inputs[0]!)!;
  return [transpose, graph.producer(transpose.inputs[0]!)!];
}

function runsOf(wires: readonly Wire[]): Run[] {
  const runs: Run[] = [];
  for (const { source, channel } of wires) {
    const last = runs.at(-1);
    if (last?.source === source && last.end === channel) last.end++;
    else runs.push({ source, start: channel, end: channel + 1 });
  }
  return runs;
}

/** Cuts sources into the parts that their readers want, once each, and puts parts together, once for all who want the same. */
class ChannelParts {
  private readonly graph: Graph;
  private readonly channels: (source: string) => number;
  /** Where each source is cut, and what the parts are called. */
  private readonly cuts = new Map<string, { at: number[]; names: string[] }>();
  private readonly joined = new Map<string, string>();

  constructor(graph: Graph, states: ReadonlyMap<string, ValueState>, rewrites: readonly Rewrite[]) {
    this.graph = graph;
    const renamed = new Map(rewrites.flatMap(({ output, order }) => (output ? [[output, order.length] as const] : [])));
    this.channels = (source) => renamed.get(source) ?? (states.get(source)!.shape![1] as number);
    const wanted = new Map<string, Set<number>>();
    for (const { inputs } of rewrites)
      for (const { source, start, end } of [...inputs.values()].flat()) {
        if (!wanted.has(source)) wanted.set(source, new Set([0, this.channels(source)]));
        wanted.get(source)!.add(start).add(end);
      }
    for (const [source, places] of wanted)
      if (places.size > 2)
        this.cut(
          source,
          [...places].sort((a, b) => a - b),
        );
  }

  /** The value that holds these channels. */
  value(runs: readonly Run[]): string {
    const parts = runs.flatMap((run) => this.partsOf(run));
    if (parts.length === 1) return parts[0]!;
    const key = parts.join("\n");
    const known = this.joined.get(key);
    if (known) return known;
    const output = this.graph.freshName(`${runs[0]!.source}_and_more`);
    this.graph.addNode({
      opType: "Concat",
      name: this.graph.freshName(`${output}_Concat`),
      inputs: parts,
      outputs: [output],
      attributes: new Map([["axis", { type: "int", value: 1n }]]),
    });
    this.joined.set(key, output);
    return output;
  }

  private partsOf({ source, start, end }: Run): string[] {
    const cut = this.cuts.get(source);
    if (!cut || (start === 0 && end === this.channels(source))) return [source];
    return cut.names.slice(cut.at.indexOf(start), cut.at.indexOf(end));
  }

  private cut(source: string, at: number[]): void {
    const { graph } = this;
    const names = at.slice(1).map(() => graph.freshName(`${source}_part`));
    const sizes = at.slice(1).map((end, index) => end - at[index]!);
    graph.addNode({
      opType: "Split",
      name: graph.freshName(`${source}_Split`),
      inputs: [source, addInts(graph, `${source}_parts`, sizes)],
      outputs: names,
      attributes: new Map([["axis", { type: "int", value: 1n }]]),
    });
    this.cuts.set(source, { at, names });
  }
}

function apply(graph: Graph, { node, order, inputs, output }: Rewrite, parts: ChannelParts): void {
  if (node.opType === "Conv") {
    const depthwise = output !== null;
    reorder(graph, node, 1, order, depthwise ? 0 : 1);
    if (depthwise && node.inputs[2]) reorder(graph, node, 2, order, 0);
  }
  for (const [position, runs] of inputs) graph.setInput(node, position, parts.value(runs));
  if (output) node.outputs[0] = output;
}

/** Gives the node a constant with the slices of its own along `axis` in another order. */
function reorder(graph: Graph, node: GraphNode, position: number, order: readonly number[], axis: 0 | 1): void {
  const tensor = constantOf(graph, node.inputs[position])!;
  const name = graph.freshName(`${tensor.name || node.name}_in_order`);
  graph.addInitializer({ name, dataType: tensor.dataType, dims: tensor.dims, data: taken(tensor, order, axis) });
  graph.setInput(node, position, name);
}

function taken({ dims, data }: Tensor, order: readonly number[], axis: 0 | 1): Tensor["data"] {
  const outer = axis === 0 ? 1 : dims[0]!;
  const inner = data.length / outer / order.length;
  const result = data.slice() as Exclude<Tensor["data"], string[]>;
  for (let at = 0; at < outer; at++)
    for (const [to, from] of order.entries()) {
      const start = (at * order.length + from) * inner;
      result.set((data as Float32Array).subarray(start, start + inner) as never, (at * order.length + to) * inner);
    }
  return result;
}
