import { expect, it } from "vitest";
import { Difference } from "./difference.ts";

it("relates the difference to the signal, over several images", () => {
  const difference = new Difference();
  difference.add(Float32Array.of(3, 0), Float32Array.of(3, 0.5));
  difference.add(Float32Array.of(4), Float32Array.of(4));
  const report = difference.report();
  // ‖x‖ = 5, ‖x − x̂‖ = 0.5
  expect(report.sqnrDb).toBeCloseTo(20, 10);
  expect(report.cosine).toBeCloseTo(25 / (5 * Math.sqrt(25.25)), 10);
  expect(report).toMatchObject({ maxAbs: 0.5, elements: 3, identical: false });
});

it("says of equal values that they are, and gives no number where there is none", () => {
  const same = new Difference();
  same.add(Float32Array.of(1, -2), Float32Array.of(1, -2));
  expect(same.report()).toMatchObject({ sqnrDb: null, identical: true, maxAbs: 0 });
  expect(same.report().cosine).toBeCloseTo(1, 12);
  const silent = new Difference();
  silent.add(Float32Array.of(0), Float32Array.of(1));
  expect(silent.report()).toMatchObject({ sqnrDb: null, cosine: null, identical: false, maxAbs: 1 });
});

it("does not hide values that are no numbers", () => {
  const broken = new Difference();
  broken.add(Float32Array.of(1, 2), Float32Array.of(Number.NaN, 2));
  expect(broken.report()).toMatchObject({ sqnrDb: null, identical: false, maxAbs: Number.NaN });
});
