import { expect, it } from "vitest";
import { summariseReadings } from "./smi-sampler.ts";

it("gives means and maxima of what was said", () => {
  const readings = [
    { powerWatts: 10, utilizationPercent: 50, memoryUsedBytes: 100, decoderPercent: null },
    { powerWatts: null, utilizationPercent: 100, memoryUsedBytes: 300, decoderPercent: null },
  ];
  expect(summariseReadings(readings)).toEqual({
    samples: 2,
    powerWatts: { mean: 10, max: 10 },
    utilizationPercent: { mean: 75, max: 100 },
    memoryUsedBytes: { mean: 200, max: 300 },
    decoderPercent: null,
  });
});
