import { describe, expect, it } from "vitest";
import { type SimulatedCamera, type SimulatedHost, simulateHost } from "./simulate.ts";

const cameras = (count: number, more: Partial<SimulatedCamera> = {}): SimulatedCamera[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `${more.priority ?? 0}-${index}`,
    streamFps: 25,
    detectFps: 5,
    priority: 0,
    from: 0,
    to: 1000,
    ...more,
  }));
/** A CPU: 20 ms a frame, no gain by batches, two sessions: 100 frames a second. */
const cpu: SimulatedHost = {
  cameras: [],
  sessions: 2,
  maxBatch: 1,
  holdMs: 0,
  runMs: (frames, _, random) => frames * (18 + 4 * random),
  sourceMs: (random) => 5 + 10 * random,
  budgetMs: 200,
  seconds: 40,
  warmUpSeconds: 10,
  seed: 1,
  floorFps: 0.5,
};
/** A GPU: 4 ms and 1.5 ms a frame: 182 frames a second one by one, 500 by batches of 8. */
const gpu: SimulatedHost = { ...cpu, sessions: 1, maxBatch: 8, holdMs: 3, runMs: (frames, _, random) => 4 + 1.5 * frames + random };
const spread = (rates: Map<string, number>): number => Math.max(...rates.values()) - Math.min(...rates.values());

describe("a host in simulated time", () => {
  it("gives all cameras their rate where it suffices, and loses next to nothing", () => {
    const result = simulateHost({ ...cpu, cameras: cameras(16) });
    for (const rate of result.rates.values()) expect(rate).toBeCloseTo(5, 0);
    expect(result.lost / result.offered).toBeLessThan(0.01);
    expect(result.p99).toBeLessThan(200);
  });

  it("is the same every time", () => {
    expect(simulateHost({ ...cpu, cameras: cameras(30) })).toEqual(simulateHost({ ...cpu, cameras: cameras(30) }));
  });

  it.each([1.5, 2, 4, 8])("lowers rates evenly at %s times what it can do, and keeps the latency", (times) => {
    const result = simulateHost({ ...cpu, cameras: cameras(20 * times) });
    expect(result.p99).toBeLessThan(200);
    const mean = [...result.rates.values()].reduce((sum, rate) => sum + rate, 0) / result.rates.size;
    expect(mean * 20 * times).toBeGreaterThan(70);
    expect(spread(result.rates)).toBeLessThan(0.25 * mean);
    expect(result.lost / result.offered).toBeLessThan(0.1);
  });

  it.each([4, 16, 70])("leaves no session idle under overload by %s cameras, behind a short queue", (count) => {
    const one: SimulatedHost = { ...cpu, sessions: 1, runMs: (frames, _, random) => frames * (13 + random) };
    const result = simulateHost({ ...one, cameras: cameras(count, { detectFps: 100 / count }), seconds: 120, warmUpSeconds: 40 });
    expect(result.busy).toBeGreaterThan(0.98);
    expect(result.p99).toBeLessThan(100);
    expect(result.lost / result.offered).toBeLessThan(0.015);
  });

  it("lowers those of a higher priority last", () => {
    const result = simulateHost({ ...cpu, cameras: [...cameras(10, { priority: 1 }), ...cameras(30)] });
    const of = (prefix: string): number[] => [...result.rates].filter(([id]) => id.startsWith(prefix)).map(([, rate]) => rate);
    expect(Math.min(...of("1-"))).toBeGreaterThan(4.7);
    expect(Math.max(...of("0-"))).toBeLessThan(2);
    expect(Math.min(...of("0-"))).toBeGreaterThan(0.5);
    expect(result.p99).toBeLessThan(200);
  });

  it("makes batches only as large as the load asks for, within the latency", () => {
    const light = simulateHost({ ...gpu, cameras: cameras(10) });
    const reference = simulateHost({ ...gpu, cameras: cameras(70) });
    const over = simulateHost({ ...gpu, cameras: cameras(200) });
    expect(light.inferred / light.runs).toBeLessThan(1.5);
    expect(reference.inferred / reference.runs).toBeGreaterThan(2);
    for (const rate of reference.rates.values()) expect(rate).toBeCloseTo(5, 0);
    expect(light.p99).toBeLessThan(40);
    expect(reference.p99).toBeLessThan(80);
    expect(over.p99).toBeLessThan(200);
    expect([...over.rates.values()].reduce((sum, rate) => sum + rate, 0)).toBeGreaterThan(350);
  });

  it("keeps the latency when the host becomes half as fast, and uses what is there when it recovers", () => {
    const runMs = (frames: number, atSecond: number, random: number): number =>
      cpu.runMs(frames, atSecond, random) * (atSecond > 20 && atSecond < 60 ? 2 : 1);
    const during = simulateHost({ ...cpu, cameras: cameras(16), runMs, seconds: 60, warmUpSeconds: 25 });
    expect(during.p99).toBeLessThan(200);
    expect([...during.rates.values()].every((rate) => rate > 1.8 && rate < 3.2)).toBe(true);
    const after = simulateHost({ ...cpu, cameras: cameras(16), runMs, seconds: 160, warmUpSeconds: 120 });
    expect([...after.rates.values()].every((rate) => rate > 4.8)).toBe(true);
  });

  it("makes room for cameras that come from a lost host", () => {
    const all = [...cameras(16), ...cameras(16, { priority: -1, from: 20 })];
    const result = simulateHost({ ...cpu, cameras: all, seconds: 60, warmUpSeconds: 25 });
    expect(Math.min(...result.rates.values())).toBeGreaterThan(0.4);
    expect(result.p99).toBeLessThan(200);
  });

  it("runs a model that is too slow for the latency all the same, without a queue", () => {
    const slow = simulateHost({ ...cpu, cameras: cameras(4), runMs: () => 300, budgetMs: 200 });
    expect(slow.p99).toBeLessThan(800);
    expect(spread(slow.rates)).toBeLessThan(0.5);
    expect(slow.inferred).toBeGreaterThan(150);
  });
});
