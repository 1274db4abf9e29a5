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
  private index: { producers: Map<string, GraphNode>; consumers: Map<string, GraphNode[]>; names: Set<string> } | null = null;

  changed(): void {
    this.index = null;
  }

  producer(value: string): GraphNode | undefined {
    return this.indexes().producers.get(value);
  }

  /** Nodes that read the value, each once, in the graph's order. */
  consumers(value: string): readonly GraphNode[] {
    return this.indexes().consumers.get(value) ?? [];
  }

  isInput(value: string): boolean {
    return this.inputs.some(({ name }) => name === value);
  }

  isOutput(value: string): boolean {
    return this.outputs.some(({ name }) => name === value);
  }

  /** A name that no value and no node has yet: `hint`, or `hint` with a number. It is reserved from then on. */
  freshName(hint: string): string {
    const { names } = this.indexes();
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
    this.changed();
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
    this.index?.names.add(tensor.name);
    return tensor;
  }

  setInput(node: GraphNode, position: number, value: string): void {
    node.inputs[position] = value;
    this.changed();
  }

  /** Every reader of `from` (in this graph, not in inner ones), but for those for which `unless` holds, reads `to` instead. Graph outputs keep their name. */
  replaceUses(from: string, to: string, unless: (node: GraphNode) => boolean = () => false): void {
    for (const node of this.nodes) {
      if (unless(node)) continue;
      for (const [position, input] of node.inputs.entries()) if (input === from) node.inputs[position] = to;
    }
    this.changed();
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
    const producers = this.indexes().producers;
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

  private indexes() {
    if (this.index) return this.index;
    const producers = new Map<string, GraphNode>();
    const consumers = new Map<string, GraphNode[]>();
    const names = new Set<string>([...this.initializers.keys(), ...this.inputs.map(({ name }) => name)]);
    for (const node of this.nodes) {
      names.add(node.name);
      for (const output of node.outputs) {
        names.add(output);
        if (output !== "") producers.set(output, node);
      }
      for (const value of readsOf(node)) {
        names.add(value);
        const list = consumers.get(value);
        if (list) list.push(node);
        else consumers.set(value, [node]);
      }
    }
    this.index = { producers, consumers, names };
    return this.index;
  }
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
