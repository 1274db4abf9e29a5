import { dataTypeNumbers } from "@octet/onnx/ir/data-type";
import { type Graph, readsOf } from "@octet/onnx/ir/graph";
import { type GraphNode, intAttribute } from "@octet/onnx/ir/model";
import type { Tensor } from "@octet/onnx/ir/tensor";
import type { ValueState } from "@octet/onnx/ops/infer-context";

export type Precision = "float16" | "float32";

/**
 * Hands each reader a value in the type that it wants: the value itself where that is its home, else the output of the
 * one Cast there is for it. Constants are converted instead of cast. Names of the graph's inputs and outputs stay.
 */
export class PrecisionRouter {
  private readonly graph: Graph;
  private readonly states: ReadonlyMap<string, ValueState>;
  private readonly toHalf: (tensor: Tensor, name: string) => Tensor;
  private readonly homes = new Map<string, Precision>();
  private readonly casts = new Map<string, string>();
  private readonly halves = new Map<string, string>();
  private readonly stillFloat = new Set<string>();
  private castCount = 0;

  constructor(graph: Graph, states: ReadonlyMap<string, ValueState>, toHalf: (tensor: Tensor, name: string) => Tensor) {
    this.graph = graph;
    this.states = states;
    this.toHalf = toHalf;
    for (const node of graph.nodes) {
      // What a Cast made from float16 is at hand in float16 already.
      const [input] = node.inputs;
      if (node.opType !== "Cast" || intAttribute(node, "to", 0) !== dataTypeNumbers.float32) continue;
      if (input && states.get(input)?.dataType === "float16") this.casts.set(`float16 ${node.outputs[0]}`, input);
    }
  }

  setHome(value: string, home: Precision): void {
    this.homes.set(value, home);
    const info = this.graph.valueInfo.get(value);
    if (info) info.dataType = home;
  }

  /** The name under which `reader` gets the value in the type that it wants. */
  read(value: string, wanted: Precision, reader?: GraphNode): string {
    const constant = this.graph.initializers.get(value);
    if (constant) return this.readConstant(constant, wanted);
    if ((this.homes.get(value) ?? "float32") === wanted) return value;
    const key = `${wanted} ${value}`;
    const known = this.casts.get(key);
    if (known) return known;
    const name = this.graph.freshName(`${value}_${wanted}`);
    this.addCast(value, name, wanted, reader);
    this.casts.set(key, name);
    return name;
  }

  /** Gives the inner graphs of a node the float32 form of what they read from outside. */
  castInnerReads(node: GraphNode): void {
    const inner = innerGraphs(node);
    if (inner.length === 0) return;
    const renamed = new Map<string, string>();
    for (const value of readsOf(node)) {
      if (this.states.get(value)?.dataType !== "float32") continue;
      const name = this.read(value, "float32", node);
      if (name !== value) renamed.set(value, name);
    }
    if (renamed.size > 0) for (const graph of inner) renameReads(graph, renamed);
  }

  /** Gives the graph's outputs the wanted type, under their own names. */
  finishOutputs(wanted: Precision): void {
    const { graph } = this;
    for (const output of graph.outputs) {
      if (output.dataType !== "float32" && this.states.get(output.name)?.dataType !== "float32") continue;
      const producer = graph.producer(output.name);
      if (!producer) {
        this.stillFloat.add(output.name);
        if (graph.isInput(output.name)) output.dataType = this.homes.get(output.name) ?? "float32";
        continue;
      }
      output.dataType = wanted;
      const home = this.homes.get(output.name) ?? "float32";
      if (home === wanted) continue;
      const name = graph.freshName(`${output.name}_${home}`);
      producer.outputs[producer.outputs.indexOf(output.name)] = name;
      this.redirect(output.name, name);
      // Readers that had the wanted type by a cast of their own read the output itself.
      const cast = this.casts.get(`${wanted} ${output.name}`);
      const old = cast === undefined ? undefined : graph.producer(cast);
      if (cast !== undefined && old) {
        graph.removeNode(old);
        this.castCount--;
        this.redirect(cast, output.name);
        graph.valueInfo.delete(cast);
      }
      this.addCast(name, output.name, wanted);
      this.declare(name, home, this.states.get(output.name));
    }
  }

  /** Puts converted constants in place, drops casts that nothing reads any more, and says how many casts were added. */
  finish(): number {
    const { graph } = this;
    for (const [name, half] of this.halves) {
      if (half === name) continue;
      if (this.stillFloat.has(name)) continue;
      // No float32 reader is left: the float16 form takes the name over.
      const tensor = graph.initializers.get(half)!;
      graph.initializers.delete(half);
      graph.initializers.set(name, { ...tensor, name });
      graph.replaceUses(half, name);
    }
    graph.sort();
    const unread = graph.nodes.filter(
      ({ opType, outputs, inputs }) =>
        opType === "Cast" && inputs[0] !== undefined && !graph.isOutput(outputs[0]!) && graph.consumers(outputs[0]!).length === 0,
    );
    graph.removeNodes(unread);
    graph.prune();
    return this.castCount;
  }

  private readConstant(constant: Tensor, wanted: Precision): string {
    const { name } = constant;
    if (wanted === "float32") {
      this.stillFloat.add(name);
      return name;
    }
    let half = this.halves.get(name);
    if (!half) {
      half = this.graph.freshName(`${name}_float16`);
      this.graph.addInitializer(this.toHalf(constant, half));
      this.halves.set(name, half);
    }
    return half;
  }

  /** All readers of one value, in inner graphs too, read another one. */
  private redirect(from: string, to: string): void {
    this.graph.replaceUses(from, to);
    for (const node of this.graph.nodes) for (const inner of innerGraphs(node)) renameReads(inner, new Map([[from, to]]));
    this.graph.changed();
  }

  private addCast(from: string, to: string, type: Precision, before?: GraphNode): void {
    this.graph.addNode(
      {
        opType: "Cast",
        name: this.graph.freshName(`${to}_Cast`),
        inputs: [from],
        outputs: [to],
        attributes: new Map([["to", { type: "int", value: BigInt(dataTypeNumbers[type]) }]]),
      },
      before,
    );
    this.castCount++;
    if (!this.graph.isOutput(to)) this.declare(to, type, this.states.get(from));
  }

  private declare(name: string, dataType: Precision, state: ValueState | undefined): void {
    this.graph.valueInfo.set(name, { name, dataType, shape: state?.shape ? [...state.shape] : null });
  }
}

function innerGraphs({ attributes }: GraphNode): Graph[] {
  return [...attributes.values()].flatMap((attribute) => {
    if (attribute.type === "graph") return [attribute.value];
    return attribute.type === "graphs" ? attribute.value : [];
  });
}

/** Names are unique over all levels of a model, so an inner graph cannot mean another value by them. */
function renameReads(graph: Graph, names: ReadonlyMap<string, string>): void {
  for (const node of graph.nodes) {
    for (const [position, input] of node.inputs.entries()) node.inputs[position] = names.get(input) ?? input;
    for (const inner of innerGraphs(node)) renameReads(inner, names);
  }
  for (const output of graph.outputs) output.name = names.get(output.name) ?? output.name;
  graph.changed();
}
