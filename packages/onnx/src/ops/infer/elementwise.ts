import type { DataType } from "../../ir/data-type.ts";
import { type Dim, intAttribute } from "../../ir/model.ts";
import { addDims, broadcastShapes, multiplyDims, showShape } from "../dims.ts";
import type { InferContext } from "../infer-context.ts";

/** One input, one output of the same type and shape. */
export function sameAsInput(context: InferContext): void {
  const { dataType, shape } = context.input(0);
  context.set(0, dataType, shape);
}

/** Passes the input on, elements included. */
export function identity(context: InferContext): void {
  const { dataType, shape, data } = context.input(0);
  context.set(0, dataType, shape, data);
}

export function dropout(context: InferContext): void {
  identity(context);
  if (context.node.outputs.length > 1) context.set(1, context.opset < 10 ? context.input(0).dataType : "bool", context.shape(0));
}

/** All inputs broadcast against each other; the type is the first one's, or `dataType`. */
export function broadcast(dataType?: DataType) {
  return (context: InferContext): void => {
    const positions = context.node.inputs.map((_, position) => position);
    const type = dataType ?? context.input(0).dataType;
    context.set(0, type, broadcastOf(context, positions), elements(context, type));
  };
}

export function where(context: InferContext): void {
  const shape = broadcastOf(context, [0, 1, 2]);
  const [condition, yes, no] = [0, 1, 2].map((position) => context.input(position).data);
  const data =
    condition && yes && no && shape && shape.length <= 1
      ? pairwise(condition, yes, no, (c, a, b) => (typeof c === "number" ? (c ? a : b) : a === b ? a : null))
      : undefined;
  context.set(0, context.input(1).dataType, shape, data);
}

export function not(context: InferContext): void {
  const { shape, data } = context.input(0);
  context.set(
    0,
    "bool",
    shape,
    data?.map((item) => (typeof item === "number" ? Number(!item) : null)),
  );
}

/** Neg, Abs, Floor, Ceil, Round, Sqrt: element by element, so that shape computations go through. */
export function unary(of: (value: number) => number) {
  return (context: InferContext): void => {
    const { dataType, shape, data } = context.input(0);
    context.set(
      0,
      dataType,
      shape,
      data?.map((item) => (typeof item === "number" ? of(item) : null)),
    );
  };
}

/** Keeps symbols when an integer becomes another number; float to integer truncates. */
export function cast(context: InferContext, to: DataType | null): void {
  const { shape, data } = context.input(0);
  const whole = to === "int64" || to === "int32";
  const kept =
    to === "float32" || to === "float64" || whole
      ? data?.map((item) => (typeof item === "number" && whole ? Math.trunc(item) : item))
      : to === "bool"
        ? data?.map((item) => (typeof item === "number" ? Number(item !== 0) : null))
        : undefined;
  context.set(0, to, shape, kept);
}

export function castLike(context: InferContext): void {
  cast(context, context.input(1).dataType);
}

function broadcastOf(context: InferContext, positions: readonly number[]): Dim[] | null {
  const shapes: Dim[][] = [];
  for (const position of positions) {
    const shape = context.shape(position);
    if (!shape) return null;
    shapes.push(shape);
  }
  const result = broadcastShapes(...shapes);
  return result ?? context.fail(`shapes ${shapes.map(showShape).join(" and ")} do not broadcast`);
}

const arithmetic: Record<string, (a: Dim, b: Dim, integer: boolean) => Dim> = {
  Add: addDims,
  Sub: (a, b) => (b === 0 ? a : typeof a === "number" && typeof b === "number" ? a - b : a !== null && a === b ? 0 : null),
  Mul: multiplyDims,
  Div: (a, b, integer) => {
    if (b === 1) return a;
    if (typeof a !== "number" || typeof b !== "number" || b === 0) return null;
    return integer ? Math.trunc(a / b) : a / b;
  },
  Mod: (a, b) => (typeof a === "number" && typeof b === "number" && b !== 0 ? ((a % b) + b) % b : null),
  Min: (a, b) => (a === b ? a : typeof a === "number" && typeof b === "number" ? Math.min(a, b) : null),
  Max: (a, b) => (a === b ? a : typeof a === "number" && typeof b === "number" ? Math.max(a, b) : null),
  Equal: (a, b) => compare(a, b, (x, y) => x === y),
  Less: (a, b) => compare(a, b, (x, y) => x < y),
  Greater: (a, b) => compare(a, b, (x, y) => x > y),
};

/** A size is no negative number, so that a symbol is not the -1 or 0 of a Reshape's target. */
function compare(a: Dim, b: Dim, of: (x: number, y: number) => boolean): Dim {
  if (typeof a === "number" && typeof b === "number") return Number(of(a, b));
  if (typeof a === "string" && typeof b === "number" && b < 0) return Number(of(1, b));
  if (typeof b === "string" && typeof a === "number" && a < 0) return Number(of(a, 1));
  return null;
}

function elements(context: InferContext, dataType: DataType | null): readonly Dim[] | undefined {
  const { node } = context;
  const of = arithmetic[node.opType];
  if (!of || node.inputs.length !== 2 || (node.opType === "Mod" && intAttribute(node, "fmod", 0) === 1)) return undefined;
  const [a, b] = [context.input(0), context.input(1)];
  if (!a.data || !b.data || (a.shape?.length ?? 2) > 1 || (b.shape?.length ?? 2) > 1) return undefined;
  const integer = dataType !== "float32" && dataType !== "float64";
  return pairwise(a.data, b.data, a.data, (x, y) => of(x, y, integer));
}

function pairwise(
  a: readonly Dim[],
  b: readonly Dim[],
  c: readonly Dim[],
  of: (a: Dim, b: Dim, c: Dim) => Dim,
): readonly Dim[] | undefined {
  const length = [a, b, c].reduce((longest, { length }) => (length === 1 ? longest : length), 1);
  if ([a, b, c].some((list) => list.length !== 1 && list.length !== length)) return undefined;
  const at = (list: readonly Dim[], i: number) => list[list.length === 1 ? 0 : i]!;
  return Array.from({ length }, (_, i) => of(at(a, i), at(b, i), at(c, i)));
}
