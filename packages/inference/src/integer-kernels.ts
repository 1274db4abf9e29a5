import { readFileSync } from "node:fs";
import type { WeightBits } from "@octet/shared/domain/weight-bits";

/**
 * Levels that int8 weights may use on this CPU. On x64 without VNNI ONNX Runtime multiplies uint8 by int8 with `vpmaddubsw`,
 * whose sums of two products saturate at 16 bits: those of paired weights cannot.
 */
export function exactWeightBits(): WeightBits {
  if (process.arch !== "x64") return 8;
  try {
    const flags = /^flags\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1] ?? "";
    return /\b(avx_vnni|avx512_vnni|amx_int8)\b/.test(flags) ? 8 : "paired";
  } catch {
    // Where the host does not say, what is right everywhere.
    return "paired";
  }
}
