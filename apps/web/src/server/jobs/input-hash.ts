import { createHash } from "node:crypto";
import type { JobKind } from "@octet/shared/domain/job";

/** JSON with the keys of every object in order and nothing between: equal values have equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(",")}}`;
}

/** sha256, hex, over a job's kind and payload: jobs that agree in it have the same inputs to the byte. */
export function inputHashOf(kind: JobKind, payload: unknown): string {
  return createHash("sha256")
    .update(`${kind}\n${canonicalJson(payload)}`)
    .digest("hex");
}
