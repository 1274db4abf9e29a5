import { apName } from "@octet/shared/domain/ap-name";
import { type StageLatency, stageNames } from "@octet/shared/domain/camera";
import { decodedClip } from "@octet/shared/domain/decoded-clip";
import type { GateVerdict } from "@octet/shared/domain/gate";
import type { BenchmarkResult, ValidationResult } from "@octet/shared/domain/profile";
import { speedupText } from "@octet/shared/domain/speedup-text";
import { table } from "../output/table.ts";
import { bytes, count, milliseconds } from "../output/units.ts";

const points = (value: number | null | undefined): string => (value === null || value === undefined ? "–" : value.toFixed(2));
const right = <Row>(title: string, of: (row: Row) => string) => ({ title, of, align: "right" as const });

/** Accuracy of a profile beside its FP32 model's. */
export function validationText({ subject, reference, drop, keptPercent, disagreements, pseudoLabels }: ValidationResult): string {
  const interval = (name: string): string => {
    const lost = drop[name];
    return lost ? `${points(lost.points)} (${points(lost.low)} to ${points(lost.high)})` : "";
  };
  const rows: [name: string, fp32: number | null, own: number | null, lost: string][] = [
    ...Object.keys(reference.ap).map((name): [string, number | null, number | null, string] => [
      apName(name),
      reference.ap[name] ?? null,
      subject.ap[name] ?? null,
      interval(name),
    ]),
    ["precision", reference.precision, subject.precision, ""],
    ["recall", reference.recall, subject.recall, ""],
    ["misses", reference.missRate, subject.missRate, ""],
    ["false positives", reference.falsePositiveRate, subject.falsePositiveRate, ""],
  ];
  return [
    `${count(subject.images, "image")}, ${count(subject.faces, "object")}${pseudoLabels ? ", pseudo-labels: what the FP32 model found is taken for the truth" : ""}`,
    table(
      rows,
      [
        { title: "%", of: ([name]) => name },
        right("FP32", ([, fp32]) => points(fp32)),
        right("PROFILE", ([, , own]) => points(own)),
        right("LOST, 95 %", ([, , , lost]) => lost),
      ],
      "",
    ),
    `${keptPercent.toFixed(1)} % of FP32's accuracy is kept; they differ on ${count(disagreements.filter(({ disagreement }) => disagreement > 0).length, "image")} of those shown`,
  ].join("\n");
}

export function benchmarkText({
  host,
  provider,
  threads,
  batches,
  modelBytes,
  peakMemoryBytes,
  peakGpuMemoryBytes,
  powerWatts,
  utilisationPercent,
  reference,
  streams,
}: BenchmarkResult): string {
  type Batch = (typeof batches)[number];
  const lines = [
    `${host.hostname}: ${host.cpu}, ${count(host.cores, "core")}${host.gpu ? `, ${host.gpu}` : ""}; ${provider}, ${count(threads, "thread")}`,
    table(
      batches,
      [
        right<Batch>("BATCH", ({ batch }) => String(batch)),
        right<Batch>("P50", ({ latencyMs }) => milliseconds(latencyMs.p50)),
        right<Batch>("P95", ({ latencyMs }) => milliseconds(latencyMs.p95)),
        right<Batch>("P99", ({ latencyMs }) => milliseconds(latencyMs.p99)),
        right<Batch>("IMAGES/S", ({ imagesPerSecond }) => imagesPerSecond.toFixed(1)),
      ],
      "",
    ),
  ];
  if (reference)
    lines.push(
      `${speedupText(reference)} what it is held against (p50 ${milliseconds(reference.latencyMs.p50)}, ${reference.imagesPerSecond.toFixed(1)} images/s)`,
    );
  const facts = [`file ${bytes(modelBytes)}`, `peak memory ${bytes(peakMemoryBytes)}`];
  if (peakGpuMemoryBytes !== null) facts.push(`on the GPU ${bytes(peakGpuMemoryBytes)}`);
  if (powerWatts !== null) facts.push(`${powerWatts.toFixed(0)} W`);
  if (utilisationPercent !== null) facts.push(`GPU ${utilisationPercent.toFixed(0)} % busy`);
  lines.push(facts.join(", "));
  if (streams) lines.push("", streamsText(streams));
  return lines.join("\n");
}

function streamsText({ asked, fps, decode, clip, budgetMs, held, steps, soak }: NonNullable<BenchmarkResult["streams"]>): string {
  type Step = (typeof steps)[number];
  const lines = [
    `${count(held, "stream")} of ${asked} asked for hold ${fps} frames/s within ${budgetMs} ms at p99, ${decode ? `decoding included${clip ? ` (${decodedClip(clip)})` : ""}` : "decoding left out"}`,
    table(
      [...steps].sort((a, b) => a.streams - b.streams),
      [
        right<Step>("STREAMS", ({ streams }) => String(streams)),
        right<Step>("P50", ({ p50 }) => milliseconds(p50)),
        right<Step>("P95", ({ p95 }) => milliseconds(p95)),
        right<Step>("P99", ({ p99 }) => milliseconds(p99)),
        right<Step>("DROPPED", ({ droppedPercent }) => `${droppedPercent.toFixed(1)} %`),
        { title: "HELD", of: ({ held: ok }) => (ok ? "yes" : "no") },
        { title: "LONGEST STAGE AT P99", of: ({ stages }) => longestStage(stages) },
      ],
      "",
    ),
  ];
  if (soak)
    lines.push(
      `${count(soak.streams, "stream")} for ${soak.seconds} s: p99 ${milliseconds(soak.p99)}, ${soak.droppedPercent.toFixed(1)} % dropped, memory grew by ${bytes(Math.max(0, soak.growthBytesPerMinute))} a minute`,
    );
  return lines.join("\n");
}

/** What to look at first; nothing of results from before stages were kept. */
function longestStage(stages: StageLatency): string {
  const [longest] = stageNames.map((name) => ({ name, p99: stages[name]?.p99 ?? 0 })).sort((a, b) => b.p99 - a.p99);
  return longest && longest.p99 > 0 ? `${longest.name} ${milliseconds(longest.p99)}` : "";
}

export function gateText({ passed, findings }: GateVerdict): string {
  const lines = findings.map(({ passed: ok, message }) => `${ok ? "  ok  " : "  NO  "}${message}`);
  return [`Gate: ${passed ? "passes" : "stops it"}`, ...lines].join("\n");
}
