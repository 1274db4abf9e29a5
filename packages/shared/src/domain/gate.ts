import { apName } from "./ap-name.ts";
import type { BenchmarkResult, Gate, GateFinding, Precision, ValidationResult } from "./profile.ts";

/** What the gate looks at of a validation. */
export type JudgedValidation = Pick<ValidationResult, "drop" | "keptPercent" | "pseudoLabels" | "calibratedOn">;

export interface GateFacts {
  precision: Precision;
  /** The newest of each; null where there is none. */
  validation: ValidationResult | null;
  benchmark: BenchmarkResult | null;
  /** The newest validation on each other data set, by its name: a later one on easier images does not undo it. */
  earlier?: readonly (JudgedValidation & { dataset: string })[];
}

export interface GateVerdict {
  passed: boolean;
  findings: GateFinding[];
}

/**
 * Whether a profile may be promoted. FP32 is what others are held against: it needs no proof. A figure that was not measured
 * does not pass.
 */
export function judgeByGate({ precision, validation, benchmark, earlier = [] }: GateFacts, gate: Gate): GateVerdict {
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
  if (validation) findings.push(...accuracyFindings(validation, gate, ""));
  // What it was calibrated on proves nothing, neither for it nor against it: once there is a proper proof, that counts.
  for (const one of earlier.filter(({ calibratedOn }) => !calibratedOn))
    findings.push(...accuracyFindings(one, gate, ` on ${one.dataset}`));
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

/** @param where to be said of each; empty for the newest validation */
function accuracyFindings(validation: JudgedValidation, gate: Gate, where: string): GateFinding[] {
  const { keptPercent: kept, calibratedOn, pseudoLabels } = validation;
  const worst = worstDrop(validation);
  const labels = `${where}${pseudoLabels ? " (against pseudo-labels)" : ""}`;
  const independent = finding(
    "independent",
    calibratedOn === 0,
    calibratedOn,
    0,
    calibratedOn === 0
      ? `Was calibrated on none of the images${where || " it was validated on"}`
      : `Was calibrated on ${calibratedOn} of the images${where || " it was validated on"}: what calibrates must not judge`,
  );
  return [
    ...(calibratedOn === null ? [] : [independent]),
    finding(
      "accuracy-kept",
      kept >= gate.minKeptPercent,
      kept,
      gate.minKeptPercent,
      `Keeps ${kept.toFixed(1)} % of FP32's accuracy${labels}; at least ${gate.minKeptPercent} % is asked`,
    ),
    finding(
      "accuracy-drop",
      worst !== null && worst.points <= gate.maxDropPoints,
      worst?.points ?? null,
      gate.maxDropPoints,
      `${lossText(worst)}${labels}; at most ${gate.maxDropPoints} may go`,
    ),
  ];
}

interface Drop {
  figure: string;
  points: number;
}

/** Null where no figure could be compared. */
function worstDrop({ drop }: JudgedValidation): Drop | null {
  const drops = Object.entries(drop).map(([figure, { points }]): Drop => ({ figure, points }));
  return drops.sort((a, b) => b.points - a.points)[0] ?? null;
}

function lossText(worst: Drop | null): string {
  if (!worst) return "No average precision could be compared";
  const name = apName(worst.figure);
  const points = Math.abs(worst.points).toFixed(2);
  if (points === "0.00") return `Loses nothing of ${name}`;
  return worst.points > 0 ? `Loses ${points} points of ${name}` : `Loses nothing: ${name} is ${points} points higher`;
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
