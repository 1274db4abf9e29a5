import type { GraphNode, ValueInfo } from "./model.ts";
import type { Tensor } from "./tensor.ts";

/** What `addNode` needs; a missing name is made from the op type. */
export type NewNode = Partial<GraphNode> & Pick<GraphNode, "opType" | "inputs" | "outputs">;

/**
 * A dataflow graph in single-assignment form: each value is an input, an initializer or the output of one node.
 * Edit it through its methods; whoever writes into `nodes` or a node's lists directly calls `changed()` after it, so
 * that the indexes behind `producer` and `consumers` are made anew. Values that an inner graph (If, Loop, Scan) takes
 * from outside count as consumed by the node that holds it.
 */
export class Graph {
  name = "";
  docString = "";
  /** In topological order once `sort()` was called; files are required to have it. */
  nodes: GraphNode[] = [];
  inputs: ValueInfo[] = [];
  outputs: ValueInfo[] = [];
  readonly initializers = new Map<string, Tensor>();
  /** Types and shapes of inner values, where known. */
  readonly valueInfo = new Map<string, ValueInfo>();
  /** Fields that the typed part does not know (sparse initializers, quantisation annotations), written back as they came. */
  raw?: Uint8Array;
  /** Each made anew when it is asked for after a change that it was not kept up with. */
  private producers: Map<string, GraphNode> | null = null;
  private readers: Map<string, GraphNode[]> | null = null;
  private names: Set<string> | null = null;

  changed(): void {
    this.producers = null;
    this.readers = null;
    this.names = null;
  }

  producer(value: string): GraphNode | undefined {
    this.producers ??= producersOf(this.nodes);
    return this.producers.get(value);
  }

  /** Nodes that read the value, each once, in the graph's order. */
  consumers(value: string): readonly GraphNode[] {
    this.readers ??= readersOf(this.nodes);
    return this.readers.get(value) ?? [];
  }

  isInput(value: string): boolean {
    return this.inputs.some(({ name }) => name === value);
  }

  isOutput(value: string): boolean {
    return this.outputs.some(({ name }) => name === value);
  }

  /** A name that no value and no node has yet: `hint`, or `hint` with a number. It is reserved from then on. */
  freshName(hint: string): string {
    this.names ??= this.namesInUse();
    const { names } = this;
    let name = hint;
    for (let i = 1; names.has(name); i++) name = `${hint}_${i}`;
    names.add(name);
    return name;
  }

  /** Adds a node before `before` (default: at the end). Does not sort. */
  addNode(node: NewNode, before?: GraphNode): GraphNode {
    const added: GraphNode = { domain: "", attributes: new Map(), ...node, name: node.name ?? this.freshName(node.opType) };
    const at = before ? this.nodes.indexOf(before) : -1;
    if (at < 0) this.nodes.push(added);
    else this.nodes.splice(at, 0, added);
    this.readers = null;
    if (this.names) addNames(this.names, added);
    for (const output of added.outputs) {
      if (output === "" || !this.producers) continue;
      // While a node replaces another both may write one value: whoever asks then gets the later one.
      if (this.producers.has(output)) this.producers = null;
      else this.producers.set(output, added);
    }
    return added;
  }

  removeNode(node: GraphNode): void {
    const at = this.nodes.indexOf(node);
    if (at >= 0) this.nodes.splice(at, 1);
    this.changed();
  }

  removeNodes(nodes: Iterable<GraphNode>): void {
    const gone = new Set(nodes);
    this.nodes = this.nodes.filter((node) => !gone.has(node));
    this.changed();
  }

  addInitializer(tensor: Tensor): Tensor {
    this.initializers.set(tensor.name, tensor);
    this.names?.add(tensor.name);
    return tensor;
  }

  setInput(node: GraphNode, position: number, value: string): void {
    node.inputs[position] = value;
    this.names?.add(value);
    this.readers = null;
  }

  /** Every reader of `from` (in this graph, not in inner ones), but for those for which `unless` holds, reads `to` instead. Graph outputs keep their name. */
  replaceUses(from: string, to: string, unless: (node: GraphNode) => boolean = () => false): void {
    for (const node of this.nodes) {
      if (unless(node)) continue;
      for (const [position, input] of node.inputs.entries()) if (input === from) node.inputs[position] = to;
    }
    this.names?.add(to);
    this.readers = null;
  }

  /** Drops initializers and value infos that nothing reads. */
  prune(): void {
    const used = new Set(this.outputs.map(({ name }) => name));
    for (const node of this.nodes) for (const value of readsOf(node)) used.add(value);
    for (const name of this.initializers.keys()) if (!used.has(name)) this.initializers.delete(name);
    const made = new Set(this.nodes.flatMap(({ outputs }) => outputs));
    for (const name of this.valueInfo.keys()) if (!made.has(name)) this.valueInfo.delete(name);
    this.changed();
  }

  /** Puts the nodes into topological order, stable where it already is. @throws Error naming a node that lies on a cycle */
  sort(): void {
    const producers = this.producers ?? producersOf(this.nodes);
    const waitingFor = new Map<GraphNode, number>();
    const readers = new Map<GraphNode, GraphNode[]>();
    const place = new Map(this.nodes.map((node, at) => [node, at]));
    for (const node of this.nodes) {
      const needs = new Set<GraphNode>();
      for (const value of readsOf(node)) {
        const producer = producers.get(value);
        if (producer) needs.add(producer);
      }
      waitingFor.set(node, needs.size);
      for (const producer of needs) {
        const list = readers.get(producer);
        if (list) list.push(node);
        else readers.set(producer, [node]);
      }
    }
    const ready = new MinHeap<GraphNode>((node) => place.get(node) ?? 0);
    for (const node of this.nodes) if (waitingFor.get(node) === 0) ready.push(node);
    const sorted: GraphNode[] = [];
    for (let node = ready.pop(); node; node = ready.pop()) {
      sorted.push(node);
      for (const reader of readers.get(node) ?? []) {
        const left = (waitingFor.get(reader) ?? 0) - 1;
        waitingFor.set(reader, left);
        if (left === 0) ready.push(reader);
      }
    }
    if (sorted.length < this.nodes.length) {
      const stuck = this.nodes.find((node) => (waitingFor.get(node) ?? 0) > 0);
      throw new Error(`The graph has a cycle through node "${stuck?.name}" (${stuck?.opType})`);
    }
    this.nodes = sorted;
    this.changed();
  }

  private namesInUse(): Set<string> {
    const names = new Set<string>([...this.initializers.keys(), ...this.inputs.map(({ name }) => name)]);
    for (const node of this.nodes) addNames(names, node);
    return names;
  }
}

function producersOf(nodes: readonly GraphNode[]): Map<string, GraphNode> {
  const producers = new Map<string, GraphNode>();
  for (const node of nodes) for (const output of node.outputs) if (output !== "") producers.set(output, node);
  return producers;
}

function readersOf(nodes: readonly GraphNode[]): Map<string, GraphNode[]> {
  const readers = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    for (const value of readsOf(node)) {
      const list = readers.get(value);
      if (list) list.push(node);
      else readers.set(value, [node]);
    }
  }
  return readers;
}

/** The node's own name, and those of all that it writes and reads. */
function addNames(names: Set<string>, node: GraphNode): void {
  names.add(node.name);
  for (const output of node.outputs) names.add(output);
  for (const value of readsOf(node)) names.add(value);
}

/** Values that a node reads, each once: its inputs, and what its inner graphs take from outside. */
export function readsOf(node: GraphNode): Set<string> {
  const reads = new Set<string>(node.inputs);
  reads.delete("");
  for (const attribute of node.attributes.values()) {
    if (attribute.type === "graph") for (const value of outerReads(attribute.value)) reads.add(value);
    if (attribute.type === "graphs") for (const graph of attribute.value) for (const value of outerReads(graph)) reads.add(value);
  }
  return reads;
}

function outerReads(graph: Graph): Set<string> {
  const own = new Set<string>([...graph.initializers.keys(), ...graph.inputs.map(({ name }) => name)]);
  for (const node of graph.nodes) for (const output of node.outputs) own.add(output);
  const outer = new Set<string>();
  for (const node of graph.nodes) for (const value of readsOf(node)) if (!own.has(value)) outer.add(value);
  for (const { name } of graph.outputs) if (!own.has(name)) outer.add(name);
  return outer;
}

class MinHeap<T> {
  private readonly items: T[] = [];
  private readonly rank: (item: T) => number;

  constructor(rank: (item: T) => number) {
    this.rank = rank;
  }

  push(item: T): void {
    const { items, rank } = this;
    let at = items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (rank(items[parent]!) <= rank(item)) break;
      items[at] = items[parent]!;
      at = parent;
    }
    items[at] = item;
  }

  pop(): T | undefined {
    const { items, rank } = this;
    const top = items[0];
    const last = items.pop();
    if (top === undefined || last === undefined || items.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && rank(items[child + 1]!) < rank(items[child]!)) child++;
      if (rank(items[child]!) >= rank(last)) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = last;
    return top;
  }
}
