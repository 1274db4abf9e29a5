import type { GpuKind } from "./gpu.ts";
import type { Precision } from "./precision.ts";

export interface Recommendation {
  id: string;
  scenario: string;
  precision: Precision;
  reason: string;
  /** Whether the plan is such a case; null where only a person knows. */
  applies: ((plan: { streams: number; kind: GpuKind; latencyTargetMs: number }) => boolean) | null;
}

/** Which precision for what, as published. Between 30 and 60 streams the decision tree decides. */
export const recommendations: readonly Recommendation[] = [
  { id: "research", scenario: "Research and debugging", precision: "fp32", reason: "Most accurate, easiest to debug", applies: null },
  {
    id: "production-small",
    scenario: "Production, up to 30 streams",
    precision: "fp16",
    reason: "Balances speed and accuracy",
    applies: ({ streams, kind }) => streams <= 30 && kind !== "edge",
  },
  {
    id: "production-large",
    scenario: "Production, more than 60 streams",
    precision: "int8",
    reason: "The only one that carries them",
    applies: ({ streams, kind }) => streams > 60 && kind !== "edge",
  },
  {
    id: "edge",
    scenario: "Edge devices",
    precision: "int8",
    reason: "Memory and compute are scarce",
    applies: ({ kind }) => kind === "edge",
  },
  { id: "cloud", scenario: "Inference in the cloud", precision: "fp16", reason: "Balances cost and speed", applies: null },
  {
    id: "real-time",
    scenario: "Real-time systems (under 50 ms)",
    precision: "int8",
    reason: "Lowest latency",
    applies: ({ latencyTargetMs }) => latencyTargetMs < 50,
  },
];
