import { readFileSync } from "node:fs";

/** What decides how fast and how exact integer kernels are on x64 and ARM. */
const telling = ["avx2", "avx512f", "avx_vnni", "avx512_vnni", "amx_int8", "asimddp", "i8mm"];

/** Which of the instruction sets that matter here this CPU has; null where the host does not say (not Linux). */
export function cpuFlags(): string[] | null {
  try {
    const text = readFileSync("/proc/cpuinfo", "utf8");
    const flags = new Set(/^(?:flags|Features)\s*:(.*)$/m.exec(text)?.[1]?.trim().split(/\s+/));
    return telling.filter((flag) => flags.has(flag));
  } catch {
    return null;
  }
}
