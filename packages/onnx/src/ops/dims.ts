import type { Dim } from "../ir/model.ts";

/**
 * Arithmetic on dimensions of which some are symbols or unknown. What cannot be expressed as a number or as one of the
 * operands' symbols becomes unknown (null): a derived symbol would have to be solved again by whoever meets it.
 */
export function addDims(a: Dim, b: Dim): Dim {
  if (a === 0) return b;
  if (b === 0) return a;
  return typeof a === "number" && typeof b === "number" ? a + b : null;
}

export function multiplyDims(a: Dim, b: Dim): Dim {
  if (a === 0 || b === 0) return 0;
  if (a === 1) return b;
  if (b === 1) return a;
  return typeof a === "number" && typeof b === "number" ? a * b : null;
}

/** The product of all; 1 of none. */
export function productOf(dims: readonly Dim[]): Dim {
  return dims.reduce<Dim>(multiplyDims, 1);
}

/**
 * total / part where part divides total: symbols cancel, each against one of its own.
 * Undefined where the numbers contradict each other; null where the quotient is no number and no single symbol.
 */
export function divideProducts(total: readonly Dim[], part: readonly Dim[]): Dim | undefined {
  const symbols = total.filter((dim) => typeof dim === "string");
  let unknown = total.includes(null) || part.includes(null);
  let numerator = 1;
  let denominator = 1;
  for (const dim of total) if (typeof dim === "number") numerator *= dim;
  for (const dim of part) {
    if (typeof dim === "number") denominator *= dim;
    else if (typeof dim === "string") {
      const at = symbols.indexOf(dim);
      if (at < 0) unknown = true;
      else symbols.splice(at, 1);
    }
  }
  if (unknown) return null;
  if (denominator === 0) return numerator === 0 ? 0 : symbols.length > 0 ? null : undefined;
  if (symbols.length === 0) return numerator % denominator === 0 ? numerator / denominator : undefined;
  return symbols.length === 1 && numerator === denominator ? symbols[0]! : null;
}

/** One dimension of two broadcast values (ONNX: Broadcasting.md); undefined where they contradict each other. */
export function broadcastDim(a: Dim, b: Dim): Dim | undefined {
  if (a === b) return a;
  if (a === 1) return b;
  if (b === 1) return a;
  if (typeof a === "number" && typeof b === "number") return undefined;
  // A symbol beside a number over 1 must be that number, or 1.
  if (typeof a === "number") return a;
  if (typeof b === "number") return b;
  return null;
}

/** Shapes broadcast against each other, aligned at their ends; undefined where they contradict each other. */
export function broadcastShapes(...shapes: readonly (readonly Dim[])[]): Dim[] | undefined {
  const rank = Math.max(0, ...shapes.map(({ length }) => length));
  const result: Dim[] = new Array<Dim>(rank).fill(1);
  for (const shape of shapes)
    for (const [at, dim] of shape.entries()) {
      const place = rank - shape.length + at;
      const merged = broadcastDim(result[place]!, dim);
      if (merged === undefined) return undefined;
      result[place] = merged;
    }
  return result;
}

/** Whether both could be the same size. */
export function compatible(a: Dim | undefined, b: Dim | undefined): boolean {
  return typeof a !== "number" || typeof b !== "number" || a === b;
}

export function showShape(shape: readonly Dim[] | null | undefined): string {
  return shape ? `[${shape.map((dim) => dim ?? "?").join(", ")}]` : "of unknown rank";
}

/** A shape as a file declares it: Paddle writes −1 for a size that varies, which ONNX Runtime takes for one that is not known. */
export function declaredShape(shape: readonly Dim[] | null): Dim[] | null {
  return shape?.map((dim) => (dim === -1 ? null : dim)) ?? null;
}
