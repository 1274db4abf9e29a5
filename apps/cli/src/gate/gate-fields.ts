import type { Gate } from "@octet/shared/domain/profile";

interface GateField {
  /** Of `octet gate set`. */
  flag: string;
  /** What is asked of, and how much of it: the number stands between the two. */
  of: string;
  limit: readonly [before: string, after: string];
}

/** Each number of the gate, as it is set and shown. A new one is a line here, and no other: its range is the schema's. */
export const gateFields: { readonly [Key in keyof Gate]-?: GateField } = {
  minKeptPercent: { flag: "--min-kept", of: "accuracy kept", limit: ["at least", "% of FP32's, of every figure"] },
  maxDropPoints: { flag: "--max-drop", of: "accuracy lost", limit: ["at most", "points of AP, of every figure"] },
  maxLatencyRatio: { flag: "--max-latency", of: "latency", limit: ["at most", "times that of what it replaces"] },
};

export const gateKeys = Object.keys(gateFields) as (keyof Gate)[];
