/** Element-wise functions that may follow a layer inside the block whose error counts. */
export type Activation = { kind: "none" } | { kind: "relu" } | { kind: "leakyRelu"; alpha: number } | { kind: "silu" };

/** The activation of each element, in place. */
export function applyActivation(values: Float32Array, activation: Activation): Float32Array {
  switch (activation.kind) {
    case "relu":
      for (let i = 0; i < values.length; i++) values[i] = Math.max(0, values[i]!);
      break;
    case "leakyRelu":
      for (let i = 0; i < values.length; i++) if (values[i]! < 0) values[i]! *= activation.alpha;
      break;
    case "silu":
      for (let i = 0; i < values.length; i++) values[i]! /= 1 + Math.exp(-values[i]!);
      break;
  }
  return values;
}
