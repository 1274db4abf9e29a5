import { expect, it } from "vitest";
import { parseSmiReading, summariseReadings } from "./smi-sampler.ts";

it("reads a line, with null for what the driver does not know", () => {
  expect(parseSmiReading("71.52, 93, 4012, 38")).toEqual({ powerWatts: 71.52, gpuPercent: 93, memoryMiB: 4012, decoderPercent: 38 });
  expect(parseSmiReading("[N/A], 0, 512, [Not Supported]")).toEqual({
    powerWatts: null,
    gpuPercent: 0,
    memoryMiB: 512,
    decoderPercent: null,
  });
  expect(parseSmiReading("No devices were found")).toBeNull();
});

it("gives means and maxima of what was said", () => {
  const readings = ["10, 50, 100, [N/A]", "[N/A], 100, 300, [N/A]"].map((line) => parseSmiReading(line)!);
  expect(summariseReadings(readings)).toEqual({
    samples: 2,
    powerWatts: { mean: 10, max: 10 },
    gpuPercent: { mean: 75, max: 100 },
    memoryMiB: { mean: 200, max: 300 },
    decoderPercent: null,
  });
});
