import type { Layer } from "./report";

export type LayerKind = "int8" | "head" | "sensitive" | "slower" | "float";

/** One colour a kind, that holds on light and on dark. */
export const kindColours: Readonly<Record<LayerKind, string>> = {
  int8: "#16a070",
  head: "#8f63f0",
  sensitive: "#df5f3c",
  slower: "#2f86d6",
  float: "#8b968f",
};

const why: Readonly<Record<string, string>> = {
  head: "detection head",
  decode: "decoding",
  unsupported: "no integer kernel",
  rule: "rule of the target",
  sensitive: "sensitive",
  slower: "slower as INT8",
};

/** What a layer computes in, and why. */
export function kindOf({ precision, reason }: Pick<Layer, "precision" | "reason">): { kind: LayerKind; words: string } {
  if (precision === "int8") return { kind: "int8", words: "INT8" };
  const type = precision === "float16" ? "FP16" : "FP32";
  const kind = reason === "head" || reason === "sensitive" || reason === "slower" ? reason : "float";
  return { kind, words: reason === null ? type : `${type}: ${why[reason] ?? reason}` };
}

/** Reports cut decibels at ±200, where they stand for no and for any difference. */
export const decibels = (db: number | null): string =>
  db === null ? "not measured" : db >= 200 ? "exact" : db <= -200 ? "lost" : `${db.toFixed(1)} dB`;

/** Four significant digits, whatever the magnitude. */
export function short(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  return (size >= 1e5 || size < 1e-3 ? value.toExponential(2) : String(Number(value.toPrecision(4)))).replaceAll("-", "−");
}

export const percentOf = (share: number | null, digits = 2): string => (share === null ? "–" : `${(100 * share).toFixed(digits)} %`);
