import type { DataType } from "../ir/data-type.ts";
import { broadcastShapes } from "../ops/dims.ts";
import { broadcastStrides, isBigInt, makeTensor, type NumericTensor, walk } from "./nd-array.ts";

/** Rounds half to even, as ONNX's Round does. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

const floats: Record<string, (a: number, b: number) => number> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Pow: (a, b) => a ** b,
  Min: (a, b) => (Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : Math.min(a, b)),
  Max: (a, b) => (Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : Math.max(a, b)),
};

/** Exact on 64 bits, where doubles are not. Division truncates; by zero it is left to the runtime. */
const integers: Record<string, (a: bigint, b: bigint) => bigint> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Mod: (a, b) => ((a % b) + b) % b,
  // biome-ignore lint/complexity/useMathMinMax: Math.min takes no bigint
  Min: (a, b) => (a < b ? a : b),
  // biome-ignore lint/complexity/useMathMinMax: Math.max takes no bigint
  Max: (a, b) => (a > b ? a : b),
};

const tests: Record<string, (a: number | bigint, b: number | bigint) => boolean> = {
  Equal: (a, b) => a === b,
  Less: (a, b) => a < b,
  LessOrEqual: (a, b) => a <= b,
  Greater: (a, b) => a > b,
  GreaterOrEqual: (a, b) => a >= b,
  And: (a, b) => Boolean(a) && Boolean(b),
  Or: (a, b) => Boolean(a) || Boolean(b),
  Xor: (a, b) => Boolean(a) !== Boolean(b),
};

const isFloat = (type: DataType) => type === "float32" || type === "float64";

/** Two broadcast inputs; undefined where this op and type are not computed here. float32 is rounded once, on being stored. */
export function binary(opType: string, a: NumericTensor, b: NumericTensor): NumericTensor | undefined {
  const dims = broadcastShapes(a.dims, b.dims) as number[] | undefined;
  if (!dims || (a.dataType !== b.dataType && opType !== "Pow")) return undefined;
  const test = tests[opType];
  const result = makeTensor(test ? "bool" : a.dataType, dims);
  const right = walk(dims, broadcastStrides(b.dims, dims));
  let to = 0;
  const combine = <T>(of: (x: T, y: T) => unknown, read: (data: NumericTensor["data"], at: number) => T) => {
    const target = result.data as unknown as unknown[];
    for (const at of walk(dims, broadcastStrides(a.dims, dims)))
      target[to++] = of(read(a.data, at), read(b.data, right.next().value as number));
    return result;
  };
  if (test)
    return combine<number | bigint>(
      (x, y) => Number(test(x, y)),
      (data, at) => data[at]!,
    );
  if (isFloat(a.dataType) && isFloat(b.dataType)) return floats[opType] && combine(floats[opType], (data, at) => data[at] as number);
  const integer = isFloat(a.dataType) ? undefined : integers[opType];
  if (
    !integer ||
    ((opType === "Div" || opType === "Mod") && (b.data as ArrayLike<number | bigint>) && Array.from(b.data, Number).includes(0))
  )
    return undefined;
  const store = isBigInt(result.data) ? (value: bigint) => value : Number;
  return combine(
    (x: bigint, y: bigint) => store(integer(x, y)),
    (data, at) => BigInt(data[at]!),
  );
}

const functions: Record<string, (value: number) => number> = {
  Neg: (x) => -x,
  Abs: Math.abs,
  Sqrt: Math.sqrt,
  Exp: Math.exp,
  Log: Math.log,
  Tanh: Math.tanh,
  Floor: Math.floor,
  Ceil: Math.ceil,
  Round: roundHalfEven,
  Reciprocal: (x) => 1 / x,
  Relu: (x) => Math.max(x, 0),
  Sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  Not: (x) => Number(!x),
};

/** One input, element by element; 64-bit integers only where that is exact. */
export function unary(opType: string, a: NumericTensor): NumericTensor | undefined {
  const of = functions[opType];
  if (!of) return undefined;
  const result = makeTensor(a.dataType, a.dims);
  if (isBigInt(a.data)) {
    if (opType !== "Neg" && opType !== "Abs") return undefined;
    for (const [at, value] of a.data.entries()) (result.data as BigInt64Array)[at] = opType === "Neg" || value < 0n ? -value : value;
    return result;
  }
  for (let at = 0; at < a.data.length; at++) (result.data as Float32Array)[at] = of(a.data[at] as number);
  return result;
}

/** Between numeric types: floats lose their fraction, integers wrap, anything but 0 is true. Undefined out of an integer's range. */
export function castTensor(a: NumericTensor, to: DataType): NumericTensor | undefined {
  if (!(to === "bool" || isFloat(to) || to === "int64" || to === "int32" || to === "uint8" || to === "int8")) return undefined;
  const result = makeTensor(to, a.dims);
  const target = result.data as unknown as unknown[];
  const limit = to === "int64" ? 2 ** 63 : 2 ** 31;
  for (let at = 0; at < a.data.length; at++) {
    const value = a.data[at]!;
    if (to === "bool") target[at] = Number(Number(value) !== 0);
    else if (isFloat(to)) target[at] = Number(value);
    else {
      const whole = typeof value === "bigint" ? value : Math.trunc(value);
      if (typeof whole === "number" && !(Math.abs(whole) < limit)) return undefined;
      target[at] = to === "int64" ? BigInt(whole) : Number(BigInt.asIntN(32, BigInt(whole)));
    }
  }
  return result;
}
