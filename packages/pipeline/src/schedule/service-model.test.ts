import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ServiceModel } from "./service-model.ts";

describe("ServiceModel", () => {
  it("knows nothing before a run", () => {
    const model = new ServiceModel();
    expect([model.timeFor(1), model.perSecond(8, 100), model.boundFor(1)]).toEqual([null, null, 0]);
  });

  it("takes time for proportional to the batch while only one size was seen", () => {
    const model = new ServiceModel();
    for (let i = 0; i < 5; i++) model.observe(1, 20);
    expect(model.timeFor(4)).toBeCloseTo(80);
    expect(model.perSecond(8, 1000)).toBeCloseTo(50);
  });

  it("finds the fixed part and the part per frame", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 20, noNaN: true }), fc.double({ min: 0.5, max: 10, noNaN: true }), (fixed, each) => {
        const model = new ServiceModel();
        for (let i = 0; i < 60; i++) model.observe(1 + (i % 5), fixed + each * (1 + (i % 5)));
        expect(model.timeFor(8)).toBeCloseTo(fixed + 8 * each, 3);
        expect(model.boundFor(8)).toBeGreaterThanOrEqual(model.timeFor(8)!);
      }),
    );
  });

  it("never says that a frame more makes a run shorter, nor dearer than the mean of a frame", () => {
    const model = new ServiceModel();
    for (let i = 0; i < 50; i++) model.observe(1 + (i % 3), [30, 20, 5][i % 3]!);
    expect(model.timeFor(8)).toBeGreaterThanOrEqual(model.timeFor(1)!);
  });

  it("reckons with the largest batch that fits the time, and with one frame where none does", () => {
    const model = new ServiceModel();
    for (let i = 0; i < 60; i++) model.observe(1 + (i % 4), 10 + 2 * (1 + (i % 4)));
    // 8 frames in 26 ms, 5 in 20 ms.
    expect(model.perSecond(8, 100)).toBeCloseTo(8000 / 26, 0);
    expect(model.perSecond(8, 20.1)).toBeCloseTo(250, 0);
    expect(model.perSecond(8, 1)).toBeCloseTo(1000 / 12, 0);
  });

  it("follows a host that becomes slower", () => {
    const model = new ServiceModel();
    for (let i = 0; i < 50; i++) model.observe(1, 10);
    for (let i = 0; i < 100; i++) model.observe(1, 30);
    expect(model.timeFor(1)).toBeGreaterThan(28);
  });

  it("takes the mean of a second of short runs: what disturbs a few of them says little", () => {
    const model = new ServiceModel();
    for (let i = 0; i < 2000; i++) model.observe(1, i % 100 < 90 ? 2 : 12);
    expect(model.timeFor(1)).toBeGreaterThan(2.7);
    expect(model.timeFor(1)).toBeLessThan(3.4);
  });
});
