import type { Gate } from "./profile.ts";

export interface GateLimit {
  key: keyof Gate;
  label: string;
  /** Before the number, in the audit log: "kept at least 95 %". */
  short: string;
  unit: string;
  help: string;
  step: number;
  max?: number;
  /** It may be left open: then nothing is asked. */
  optional?: true;
}

/** The gate's limits, for people: in forms, on the command line and in the audit log. */
export const gateLimits: readonly GateLimit[] = [
  {
    key: "minKeptPercent",
    label: "Accuracy kept, at least",
    short: "kept at least",
    unit: "% of FP32's AP",
    help: "Of every figure. Below 95 % the model should be trained with quantisation.",
    step: 0.1,
    max: 100,
  },
  {
    key: "maxDropPoints",
    label: "Accuracy lost, at most",
    short: "lost at most",
    unit: "points of AP",
    help: "Against FP32, of every figure.",
    step: 0.05,
    max: 100,
  },
  {
    key: "maxLatencyRatio",
    label: "Latency, at most",
    short: "latency at most",
    unit: "times as long",
    help: "Against what it would replace; FP32 where nothing is promoted. Up to 5 % more is a tie where one round was within the limit.",
    step: 0.01,
  },
  {
    key: "minStreams",
    label: "Streams held, at least",
    short: "streams at least",
    unit: "on the benchmark's host",
    help: "p99 within the budget, every frame inferred. Empty: none are asked.",
    step: 1,
    optional: true,
  },
  {
    key: "minSoakSeconds",
    label: "Streams go on, at least",
    short: "soak at least",
    unit: "s",
    help: "Within the budget, at most 0.1 % dropped. Empty: not asked.",
    step: 1,
    optional: true,
  },
  {
    key: "maxGrowthMiBPerHour",
    label: "Memory grows, at most",
    short: "growth at most",
    unit: "MiB an hour",
    help: "While streams go on: ten minutes or more say something. Empty: not asked.",
    step: 0.1,
    optional: true,
  },
];
