import { STAGE_BUCKETS } from "@octet/shared/protocol/worker-protocol";

export type Labels = Record<string, string>;
export type Sample = readonly [labels: Labels, value: number | null | undefined];

/** One entry of `StageHistograms.snapshot()`. */
export interface StageSnapshot {
  stage: string;
  counts: readonly number[];
  sum: number;
}

const escaped = (value: string): string => value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');

function line(name: string, labels: Labels, value: number): string {
  const inner = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`);
  return `${name}${inner.length > 0 ? `{${inner.join(",")}}` : ""} ${Number.isFinite(value) ? value : "NaN"}`;
}

/** One metric in Prometheus' text format; values that are null are left out, and so is a metric without any. */
export function metric(type: "counter" | "gauge", name: string, help: string, samples: readonly Sample[]): string[] {
  const lines = samples.flatMap(([labels, value]) => (value === null || value === undefined ? [] : [line(name, labels, value)]));
  return lines.length === 0 ? [] : [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines];
}

/** Stage seconds as a histogram: prom-client can only observe single values, and these come as counts a bucket. */
export function stageHistogram(
  name: string,
  help: string,
  series: readonly { labels: Labels; stages: readonly StageSnapshot[] }[],
): string[] {
  const lines = series.flatMap(({ labels, stages }) =>
    stages.flatMap((stage) => histogramLines(name, { ...labels, stage: stage.stage }, stage)),
  );
  return lines.length === 0 ? [] : [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`, ...lines];
}

function histogramLines(name: string, labels: Labels, { counts, sum }: StageSnapshot): string[] {
  let cumulative = 0;
  const buckets = [...STAGE_BUCKETS, Number.POSITIVE_INFINITY].map((bound, index) => {
    cumulative += counts[index] ?? 0;
    return line(`${name}_bucket`, { ...labels, le: bound === Number.POSITIVE_INFINITY ? "+Inf" : String(bound) }, cumulative);
  });
  return [...buckets, line(`${name}_sum`, labels, sum), line(`${name}_count`, labels, cumulative)];
}
