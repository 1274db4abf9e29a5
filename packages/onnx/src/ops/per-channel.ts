/** Operators of one value that compute each channel by itself, whichever order channels lie in and however many there are. */
export const perChannelOps: readonly string[] = [
  "Relu",
  "LeakyRelu",
  "Clip",
  "Sigmoid",
  "HardSigmoid",
  "HardSwish",
  "Tanh",
  "MaxPool",
  "AveragePool",
  "GlobalAveragePool",
];

/** Those of two values, where both have the same channels. */
export const elementwiseOps: ReadonlySet<string> = new Set(["Add", "Mul", "Sub"]);
