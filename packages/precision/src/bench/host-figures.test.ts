import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { shellCommand } from "@octet/testing/shell-command";
import { waitFor } from "@octet/testing/wait-for";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GpuMeter } from "./host-figures.ts";

describe("GpuMeter", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "octet-meter-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("takes the mean of power and use, and the most of memory, of the first GPU alone", async () => {
    const script = `printf '0, 100, 50, 1000\\n1, 900, 100, 9000\\n0, 200, [N/A], 3000\\n0, 300, 70, 2000\\n'; exec sleep 60`;
    const meter = new GpuMeter("cuda", await shellCommand(folder, "nvidia-smi", script));
    await waitFor("the figures to be read", () => meter.readings.length === 3);
    expect(await meter.stop()).toEqual({ powerWatts: 200, utilisationPercent: 60, peakGpuMemoryBytes: 3000 * 2 ** 20 });
  });

  it("says nothing of a GPU that does not compute", async () => {
    expect(await new GpuMeter("cpu").stop()).toEqual({ powerWatts: null, utilisationPercent: null, peakGpuMemoryBytes: null });
  });
});
