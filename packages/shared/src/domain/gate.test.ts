import { describe, expect, it } from "vitest";
import { judgeByGate } from "./gate.ts";
import { type BenchmarkResult, type Gate, gateSchema, mayBecome, type ValidationResult } from "./profile.ts";

const figures = { ap: {}, threshold: 0.5, precision: 90, recall: 80, missRate: 20, falsePositiveRate: 10, images: 36, faces: 175 };
const validation = (keptPercent: number, drop: Record<string, number>): ValidationResult => ({
  subject: figures,
  reference: figures,
  drop: Object.fromEntries(Object.entries(drop).map(([figure, points]) => [figure, { points, low: points - 1, high: points + 1 }])),
  keptPercent,
  disagreements: [],
  pseudoLabels: false,
  calibratedOn: 0,
});
const latencyMs = { p50: 1, p95: 1, p99: 1, mean: 1 };
type Streams = NonNullable<BenchmarkResult["streams"]>;
const streams = (held: number, soak: Partial<NonNullable<Streams["soak"]>> | null = null): Streams => ({
  asked: 70,
  fps: 5,
  decode: true,
  clip: null,
  budgetMs: 200,
  held,
  steps: [],
  soak: soak && { streams: 70, seconds: 600, rssBytes: [1e8, 1e8], growthBytesPerMinute: 0, p99: 120, droppedPercent: 0, ...soak },
});
const benchmark = (
  speedup: number | null,
  { range = null, load = null }: { range?: [number, number] | null; load?: Streams | null } = {},
): BenchmarkResult => ({
  host: { hostname: "host", cpu: "cpu", cores: 2, gpu: null },
  provider: "cpu",
  threads: 1,
  batches: [],
  modelBytes: 1,
  peakMemoryBytes: 1,
  peakGpuMemoryBytes: null,
  powerWatts: null,
  utilisationPercent: null,
  reference: speedup === null ? null : { latencyMs, imagesPerSecond: 1, speedup, speedupRange: range },
  streams: load,
});
const gate = gateSchema.parse({});
const failed = (facts: Parameters<typeof judgeByGate>[0], limits: Partial<Gate> = {}) =>
  judgeByGate(facts, { ...gate, ...limits }).findings.flatMap(({ check, passed }) => (passed ? [] : [check]));

describe("judgeByGate", () => {
  it("has the document's limits unless a site sets others", () => {
    expect(gate).toEqual({
      minKeptPercent: 95,
      maxDropPoints: 1,
      maxLatencyRatio: 1,
      minStreams: null,
      minSoakSeconds: null,
      maxGrowthMiBPerHour: null,
    });
  });

  it("does not take the images that a model was calibrated on for proof", () => {
    const facts = { precision: "int8-ptq" as const, validation: validation(99.5, { easy: 0.2 }), benchmark: benchmark(1.4) };
    expect(failed({ ...facts, validation: { ...facts.validation, calibratedOn: 3 } })).toEqual(["independent"]);
    // Of before it was looked at.
    expect(failed({ ...facts, validation: { ...facts.validation, calibratedOn: null } })).toEqual([]);
  });

  it("does not let a later validation on easier images undo one on another data set", () => {
    const facts = { precision: "int8-ptq" as const, validation: validation(99.5, { easy: 0.2 }), benchmark: benchmark(1.4) };
    const hard = { ...validation(91, { hard: 3 }), dataset: "Night" };
    expect(failed({ ...facts, earlier: [hard] })).toEqual(["accuracy-kept", "accuracy-drop"]);
    expect(judgeByGate({ ...facts, earlier: [hard] }, gate).findings.map(({ message }) => message)).toContain(
      "Keeps 91.0 % of FP32's accuracy on Night; at least 95 % is asked",
    );
    expect(failed({ ...facts, earlier: [{ ...hard, calibratedOn: 5 }] })).toEqual([]);
    expect(failed({ ...facts, earlier: [{ ...validation(99, { hard: 0.3 }), dataset: "Night" }] })).toEqual([]);
  });

  it("lets a model pass that keeps its accuracy and is faster", () => {
    const facts = { precision: "int8-ptq" as const, validation: validation(99.5, { easy: 0.2, hard: -0.1 }), benchmark: benchmark(1.4) };
    expect(judgeByGate(facts, gate)).toMatchObject({ passed: true });
  });

  it("names every check that fails, and the figure that lost most", () => {
    const facts = { precision: "int8-ptq" as const, validation: validation(93, { easy: 0.2, hard: 5.6 }), benchmark: benchmark(0.8) };
    expect(failed(facts)).toEqual(["accuracy-kept", "accuracy-drop", "latency"]);
    expect(judgeByGate(facts, gate).findings.find(({ check }) => check === "accuracy-drop")?.message).toContain(
      "Loses 5.60 points of AP hard",
    );
  });

  it("says so where nothing is lost, or nothing could be compared", () => {
    const message = (drop: Record<string, number>): string | undefined =>
      judgeByGate({ precision: "fp16", validation: validation(100, drop), benchmark: null }, gate).findings.find(
        ({ check }) => check === "accuracy-drop",
      )?.message;
    expect(message({ ap: -0.27, ap50: -0.45 })).toBe("Loses nothing: AP is 0.27 points higher; at most 1 may go");
    expect(message({ easy: 0.001 })).toBe("Loses nothing of AP easy; at most 1 may go");
    expect(message({})).toBe("No average precision could be compared; at most 1 may go");
  });

  it("does not let pass what was not measured", () => {
    expect(failed({ precision: "fp16", validation: null, benchmark: null })).toEqual(["validated", "benchmarked"]);
    expect(failed({ precision: "fp16", validation: validation(100, {}), benchmark: benchmark(null) })).toEqual([
      "accuracy-drop",
      "latency",
    ]);
  });

  it("takes what is slower within the host's noise for as fast, and nothing else", () => {
    const latency = (speedup: number, range: [number, number] | null) =>
      failed({ precision: "fp16", validation: validation(100, { ap: 0 }), benchmark: benchmark(speedup, { range }) });
    expect(latency(0.97, [0.94, 1.02])).toEqual([]);
    expect(latency(0.97, [0.94, 0.99])).toEqual(["latency"]);
    expect(latency(0.9, [0.5, 1.5])).toEqual(["latency"]);
    expect(latency(0.97, null)).toEqual(["latency"]);
  });

  it("asks for streams, a soak and memory that does not grow where the site does", () => {
    const judged = (load: Streams | null, limits: Partial<Gate>) =>
      failed({ precision: "int8-ptq", validation: validation(99.5, { ap: 0.2 }), benchmark: benchmark(1.4, { load }) }, limits);
    const all = { minStreams: 70, minSoakSeconds: 600, maxGrowthMiBPerHour: 10 };
    expect(judged(streams(29), {})).toEqual([]);
    expect(judged(streams(29), { minStreams: 70 })).toEqual(["streams"]);
    expect(judged(streams(70, {}), all)).toEqual([]);
    expect(judged(streams(70, { seconds: 10 }), all)).toEqual(["soak"]);
    expect(judged(streams(70, { p99: 201 }), all)).toEqual(["soak"]);
    expect(judged(streams(70, { droppedPercent: 0.2 }), all)).toEqual(["soak"]);
    expect(judged(streams(70, { growthBytesPerMinute: 2 ** 18 }), all)).toEqual(["memory-growth"]);
    expect(judged(streams(70), all)).toEqual(["soak", "memory-growth"]);
    expect(judged(null, all)).toEqual(["streams", "soak", "memory-growth"]);
  });

  it("asks nothing of FP32", () => {
    expect(judgeByGate({ precision: "fp32", validation: null, benchmark: null }, gate)).toEqual({ passed: true, findings: [] });
  });
});

it("keeps profiles to their states", () => {
  expect(mayBecome("draft", "built")).toBe(true);
  expect(mayBecome("draft", "promoted")).toBe(false);
  expect(mayBecome("promoted", "rejected")).toBe(false);
  expect(mayBecome("retired", "promoted")).toBe(true);
});
