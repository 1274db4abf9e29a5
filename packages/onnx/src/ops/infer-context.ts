import type { DataType } from "../ir/data-type.ts";
import { type Dim, type GraphNode, intAttribute } from "../ir/model.ts";
import type { Tensor } from "../ir/tensor.ts";
import { invalid } from "../io/model-error.ts";

/** What inference knows of a value. `data` are its elements where it is a small vector or scalar of numbers that shapes are computed from. */
export interface ValueState {
  dataType: DataType | null;
  shape: Dim[] | null;
  data?: readonly Dim[];
}

const nothing: ValueState = { dataType: null, shape: null };

/** What an operator's inference sees of its node, and where it puts what it finds. */
export class InferContext {
  readonly node: GraphNode;
  readonly opset: number;
  readonly outputs: ValueState[] = [];
  private readonly stateOf: (value: string) => ValueState | undefined;
  private readonly constantOf: (value: string) => Tensor | undefined;

  constructor(
    node: GraphNode,
    opset: number,
    stateOf: (value: string) => ValueState | undefined,
    constantOf: (value: string) => Tensor | undefined,
  ) {
    this.node = node;
    this.opset = opset;
    this.stateOf = stateOf;
    this.constantOf = constantOf;
  }

  has(position: number): boolean {
    return Boolean(this.node.inputs[position]);
  }

  input(position: number): ValueState {
    const value = this.node.inputs[position];
    return (value ? this.stateOf(value) : undefined) ?? nothing;
  }

  shape(position: number): Dim[] | null {
    return this.input(position).shape;
  }

  /** The constant that an input is: an initializer, or a Constant node's value. */
  constant(position: number): Tensor | undefined {
    const value = this.node.inputs[position];
    return value ? this.constantOf(value) : undefined;
  }

  /** An input's elements where they are all known numbers. */
  numbers(position: number): number[] | undefined {
    const data = this.input(position).data;
    return data?.every((item) => typeof item === "number") ? [...data] : undefined;
  }

  set(position: number, dataType: DataType | null, shape: Dim[] | null, data?: readonly Dim[]): void {
    this.outputs[position] = { dataType, shape, ...(data ? { data } : {}) };
  }

  fail(problem: string): never {
    const { name, opType } = this.node;
    throw invalid(`Node "${name || this.node.outputs[0]}" (${opType}): ${problem}`, "The model contradicts itself. Export it again.");
  }

  /** The axis attribute as a number from 0 on. */
  axis(rank: number, fallback: number, name = "axis"): number {
    return this.normalAxis(intAttribute(this.node, name, fallback), rank);
  }

  normalAxis(axis: number, rank: number): number {
    const normal = axis < 0 ? axis + rank : axis;
    if (normal < 0 || normal >= rank) this.fail(`axis ${axis} is outside a value of rank ${rank}`);
    return normal;
  }

  /** A list that is an attribute in old opsets and an input in new ones. Null where it is an input that is not known. */
  list(attribute: string, position: number): number[] | null | undefined {
    const found = this.node.attributes.get(attribute);
    if (found?.type === "ints") return found.value.map(Number);
    if (!this.has(position)) return undefined;
    return this.numbers(position) ?? null;
  }
}
