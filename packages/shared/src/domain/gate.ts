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
  if (benchmark) findings.push(latencyFinding(benchmark, gate), ...streamFindings(benchmark, gate));
  return { passed: findings.every(({ passed }) => passed), findings };
}

/** What is slower by less than this, and was not in every round, cannot be told from as fast. */
const TIE = 1.05;

function latencyFinding({ reference }: BenchmarkResult, { maxLatencyRatio: limit }: Gate): GateFinding {
  if (!reference) return finding("latency", false, null, limit, "Not compared with what it replaces");
  const ratio = 1 / reference.speedup;
  const least = reference.speedupRange ? 1 / reference.speedupRange[1] : ratio;
  const tie = ratio > limit && ratio <= TIE * limit && least <= limit;
  return finding(
    "latency",
    ratio <= limit || tie,
    ratio,
    limit,
    `Takes ${ratio.toFixed(2)} times as long as what it replaces${tie ? `, in one round ${least.toFixed(2)}: that is a tie` : ""}; at most ${limit} may be`,
  );
}

/** Of the frames that are due in a soak; one that a busy host misses in ten minutes is no fault of the model's. */
const MAX_SOAK_DROPPED_PERCENT = 0.1;

/** Nothing of what the site does not ask for. */
function streamFindings({ streams }: BenchmarkResult, { minStreams, minSoakSeconds, maxGrowthMiBPerHour }: Gate): GateFinding[] {
  const findings: GateFinding[] = [];
  if (minStreams !== null) {
    const asked = `at least ${minStreams} are asked`;
    const message = !streams
      ? `Streams were not measured; ${asked}`
      : `Holds ${streams.held} of ${streams.asked} streams that it was benchmarked with; ${asked}`;
    findings.push(finding("streams", streams !== null && streams.held >= minStreams, streams?.held ?? null, minStreams, message));
  }
  const soak = streams?.soak ?? null;
  if (minSoakSeconds !== null) {
    const within = soak !== null && soak.p99 <= streams!.budgetMs && soak.droppedPercent <= MAX_SOAK_DROPPED_PERCENT;
    const seen = soak
      ? `${soak.streams} streams went on for ${Math.round(soak.seconds)} s: p99 ${Math.round(soak.p99)} of ${streams!.budgetMs} ms, ${soak.droppedPercent.toFixed(1)} % dropped`
      : "No streams went on for long";
    findings.push(
      finding(
        "soak",
        within && soak.seconds >= minSoakSeconds,
        soak?.seconds ?? null,
        minSoakSeconds,
        `${seen}; at least ${minSoakSeconds} s are asked, within the budget and with at most ${MAX_SOAK_DROPPED_PERCENT} % dropped`,
      ),
    );
  }
  if (maxGrowthMiBPerHour !== null) {
    const growth = soak && (60 * soak.growthBytesPerMinute) / 2 ** 20;
    const seen = growth === null ? "Memory over time was not measured" : `Memory grows by ${Math.max(0, growth).toFixed(1)} MiB an hour`;
    findings.push(
      finding(
        "memory-growth",
        growth !== null && growth <= maxGrowthMiBPerHour,
        growth,
        maxGrowthMiBPerHour,
        `${seen}; at most ${maxGrowthMiBPerHour} may be`,
      ),
    );
  }
  return findings;
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
