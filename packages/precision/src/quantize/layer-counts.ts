import type { QuantizationReport } from "@octet/quantize/analyse/report";

/** How many layers are of which precision; of those that stayed float, by the reason: `{ int8: 40, "float: head": 9 }`. */
export function layerCounts({ layers }: Pick<QuantizationReport, "layers">): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { precision, reason } of layers) {
    const key = reason ? `float: ${reason}` : precision;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}
