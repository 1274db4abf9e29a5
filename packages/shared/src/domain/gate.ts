import type { BenchmarkResult, Gate, GateFinding, Precision, ValidationResult } from "./profile.ts";

export interface GateFacts {
  precision: Precision;
  /** The newest of each; null where there is none. */
  validation: ValidationResult | null;
  benchmark: BenchmarkResult | null;
}

export interface GateVerdict {
  passed: boolean;
  findings: GateFinding[];
}

/**
 * Whether a profile may be promoted. FP32 is what others are held against: it needs no proof. A figure that was not measured
 * does not pass.
 */
export function judgeByGate({ precision, validation, benchmark }: GateFacts, gate: Gate): GateVerdict {
  if (precision === "fp32") return { passed: true, findings: [] };
  const findings: GateFinding[] = [
    finding(
      "validated",
      validation !== null,
      null,
      null,
      validation ? `Validated on ${validation.subject.images} images` : "Not validated",
    ),
    finding("benchmarked", benchmark !== null, null, null, benchmark ? `Benchmarked on ${benchmark.host.hostname}` : "Not benchmarked"),
  ];
  if (validation) {
    const kept = validation.keptPercent;
    const [figure, worst] = worstDrop(validation);
    const labels = validation.pseudoLabels ? " (against pseudo-labels)" : "";
    findings.push(
      finding(
        "accuracy-kept",
        kept >= gate.minKeptPercent,
        kept,
        gate.minKeptPercent,
        `Keeps ${kept.toFixed(1)} % of FP32's accuracy${labels}; at least ${gate.minKeptPercent} % is asked`,
      ),
      finding(
        "accuracy-drop",
        worst <= gate.maxDropPoints,
        worst,
        gate.maxDropPoints,
        `Loses ${worst.toFixed(2)} points of ${figure}${labels}; at most ${gate.maxDropPoints} may go`,
      ),
    );
  }
  if (benchmark?.reference) {
    const ratio = 1 / benchmark.reference.speedup;
    findings.push(
      finding(
        "latency",
        ratio <= gate.maxLatencyRatio,
        ratio,
        gate.maxLatencyRatio,
        `Takes ${ratio.toFixed(2)} times as long as what it replaces; at most ${gate.maxLatencyRatio} may be`,
      ),
    );
  } else if (benchmark) findings.push(finding("latency", false, null, gate.maxLatencyRatio, "Not compared with what it replaces"));
  return { passed: findings.every(({ passed }) => passed), findings };
}

function worstDrop({ drop }: ValidationResult): [figure: string, points: number] {
  const drops = Object.entries(drop).map(([figure, { points }]) => [figure, points] as [string, number]);
  return drops.reduce((worst, one) => (one[1] > worst[1] ? one : worst), drops[0] ?? ["AP", Number.POSITIVE_INFINITY]);
}

function finding(
  check: GateFinding["check"],
  passed: boolean,
  measured: number | null,
  limit: number | null,
  message: string,
): GateFinding {
  return { check, passed, measured, limit, message };
}
