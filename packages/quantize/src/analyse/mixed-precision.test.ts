import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Evaluation, paretoFront, type SearchGroup, searchByAccuracy, searchByLatency } from "./mixed-precision.ts";

const groupsOf = (costs: readonly number[], gains: readonly number[] = []): SearchGroup[] =>
  costs.map((noise, at) => ({ name: `g${at}`, sqnrDb: -10 * Math.log10(noise), latencyGain: gains[at] ?? 1 }));

/** A model is the list of its float groups; each quantised group costs its noise in points, and saves its gain of 100 ms. */
function fake(groups: readonly SearchGroup[]) {
  let builds = 0;
  return {
    get builds() {
      return builds;
    },
    build: (floatGroups: readonly string[]) => {
      builds++;
      return new TextEncoder().encode(JSON.stringify(floatGroups));
    },
    evaluate: (model: Uint8Array): Evaluation => {
      const float = new Set(JSON.parse(new TextDecoder().decode(model)) as string[]);
      const integer = groups.filter(({ name }) => !float.has(name));
      const drop = integer.reduce((sum, { sqnrDb }) => sum + 10 ** (-sqnrDb / 10), 0);
      const saved = integer.reduce((sum, { latencyGain = 0 }) => sum + latencyGain, 0);
      return { metrics: { easy: 90 - drop, hard: 70 - 2 * drop }, latencyMs: 100 - saved };
    },
  };
}

const float = { easy: 90, hard: 70 };
const noises = fc.array(fc.double({ min: 1e-6, max: 1, noNaN: true }), { maxLength: 40 });

describe("searchByAccuracy", () => {
  it("finds the fewest float groups of the worst that meet the budget, in few evaluations", async () => {
    await fc.assert(
      fc.asyncProperty(noises, fc.double({ min: 0.001, max: 8, noNaN: true }), async (costs, maxDrop) => {
        const groups = groupsOf(costs);
        const model = fake(groups);
        const result = await searchByAccuracy(groups, { build: model.build, evaluate: model.evaluate, float, maxDrop });
        const order = [...groups].sort((a, b) => a.sqnrDb - b.sqnrDb).map(({ name }) => name);
        const dropOf = (count: number) => 70 - model.evaluate(model.build(order.slice(0, count))).metrics!["hard"]!;
        const expected = order.findIndex((_, count) => dropOf(count) <= maxDrop);
        const count = expected < 0 ? order.length : expected;
        expect(result.met).toBe(true);
        expect(result.chosen.floatGroups).toEqual(order.slice(0, count));
        expect(result.chosen.drop!).toBeLessThanOrEqual(maxDrop);
        expect(result.steps.length).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(costs.length + 2)) + 2);
        expect(result.steps).toContain(result.chosen);
      }),
    );
  });

  it("keeps float first what integers save nothing at, then what makes most noise for what it saves", async () => {
    const groups = groupsOf([0.1, 0.4, 0.2, 0.3], [1, 8, 0, 2]);
    const model = fake(groups);
    const keptFor = async (maxDrop: number) =>
      (await searchByAccuracy(groups, { build: model.build, evaluate: model.evaluate, float, maxDrop })).chosen.floatGroups;
    expect(await keptFor(1.65)).toEqual(["g2"]);
    expect(await keptFor(1.05)).toEqual(["g2", "g3"]);
    expect(await keptFor(0.85)).toEqual(["g2", "g3", "g0"]);
    // Where the gain of one is not known, noise alone counts.
    const unknown = groups.map(({ name, sqnrDb }) => ({ name, sqnrDb }));
    const { chosen } = await searchByAccuracy(unknown, { build: model.build, evaluate: model.evaluate, float, maxDrop: 1.25 });
    expect(chosen.floatGroups).toEqual(["g1"]);
  });

  it("gives a model that was measured to meet the budget however the measurements jump", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.double({ min: 0, max: 2, noNaN: true }), { minLength: 9, maxLength: 9 }), async (drops) => {
        const groups = groupsOf([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]);
        const evaluate = (_: Uint8Array, kept: readonly string[]) => ({ metrics: { ap: 80 - drops[kept.length]! } });
        const result = await searchByAccuracy(groups, { build: () => new Uint8Array(), evaluate, float: { ap: 80 }, maxDrop: 1 });
        expect(result.met).toBe(result.steps.some(({ met }) => met));
        expect(result.chosen.met).toBe(result.met);
        if (!result.met) expect(result.chosen.floatGroups).toHaveLength(8);
      }),
    );
  });

  it("counts a metric that is missing or NaN as lost, and stops when told", async () => {
    const groups = groupsOf([0.5]);
    const build = () => new Uint8Array();
    for (const metrics of [{}, { ap: Number.NaN }] as Record<string, number>[]) {
      const result = await searchByAccuracy(groups, { build, evaluate: () => ({ metrics }), float: { ap: 80 }, maxDrop: 1 });
      expect(result).toMatchObject({ met: false, chosen: { drop: Number.POSITIVE_INFINITY, floatGroups: ["g0"] } });
    }
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(searchByAccuracy(groups, { build, evaluate: () => ({}), float, maxDrop: 1, signal })).rejects.toThrow("enough");
  });
});

describe("searchByLatency", () => {
  it("keeps the latency, and quantises nothing that does not pay", async () => {
    const gains = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 40, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(noises, gains, fc.double({ min: 60, max: 101, noNaN: true }), async (costs, saved, maxLatencyMs) => {
        const groups = groupsOf(costs, saved);
        const { build, evaluate } = fake(groups);
        const { met, chosen, steps } = await searchByLatency(groups, { build, evaluate, float, maxLatencyMs });
        const possible = groups.reduce((best, { latencyGain = 0 }) => best - Math.max(0, latencyGain), 100);
        const slower = groups.filter(({ latencyGain = 0 }) => latencyGain <= 0).map(({ name }) => name);
        if (Math.abs(possible - maxLatencyMs) > 1e-9) expect(met).toBe(possible < maxLatencyMs);
        if (met) expect(chosen.latencyMs!).toBeLessThanOrEqual(maxLatencyMs);
        for (const { floatGroups } of steps) expect(floatGroups).toEqual(expect.arrayContaining(slower));
      }),
    );
  });

  it("quantises first what saves most for its noise", async () => {
    const groups = groupsOf([0.01, 0.1, 0.001], [1, 20, 1]);
    const { build, evaluate } = fake(groups);
    expect((await searchByLatency(groups, { build, evaluate, maxLatencyMs: 99 })).chosen.floatGroups).toEqual(["g0", "g1"]);
    expect((await searchByLatency(groups, { build, evaluate, maxLatencyMs: 98 })).chosen.floatGroups).toEqual(["g0"]);
  });
});

describe("paretoFront", () => {
  it("leaves out what is beaten in both, and what was not measured", () => {
    const step = (latencyMs: number | null, drop: number | null) => ({ latencyMs, drop });
    const front = paretoFront([step(10, 0), step(8, 1), step(9, 2), step(8, 3), step(5, 1.5), step(null, 0), step(1, null)]);
    expect(front).toEqual([step(5, 1.5), step(8, 1), step(10, 0)]);
  });
});
