import { newPercentiles } from "@octet/testing/new-camera-status";
import { describe, expect, it } from "vitest";
import { CapacityMeter, type CapacityReading } from "./capacity.ts";
import { workerLabels } from "./labels.ts";

const host = { cores: 4, memoryBytes: 8e9, infersOnCpu: true };
const camera = (decodeMs: number, decoder = "software", width = 1000, height = 1000): CapacityReading["cameras"][number] => ({
  state: "online",
  stream: { codec: "h264", width, height, fps: 25, decoder },
  latency: { decode: newPercentiles(decodeMs) },
});
const idle = { inferredPerSecond: 0, inferBusy: 0, decodedPerSecond: 0, decoderBusy: null, cameras: [] };

describe("CapacityMeter", () => {
  it("knows nothing before anything was done", () => {
    expect(new CapacityMeter(host).read(idle)).toEqual({
      detectionsPerSecond: null,
      pixelsPerSecond: null,
      memoryBytes: 8e9,
      sharedCores: true,
    });
  });

  it("takes what sessions do for what they would do when always busy, and an idle second for nothing", () => {
    const meter = new CapacityMeter(host);
    expect(meter.read({ ...idle, inferredPerSecond: 10, inferBusy: 0.25 }).detectionsPerSecond).toBeCloseTo(40);
    expect(meter.read({ ...idle, inferredPerSecond: 1, inferBusy: 0.01 }).detectionsPerSecond).toBeCloseTo(40);
    expect(meter.read(idle).detectionsPerSecond).toBeCloseTo(40);
  });

  it("averages its first readings, and follows later ones slowly", () => {
    const meter = new CapacityMeter(host);
    const read = (rate: number) => meter.read({ ...idle, inferredPerSecond: rate, inferBusy: 1 }).detectionsPerSecond!;
    read(10);
    expect(read(30)).toBeCloseTo(20);
    for (let second = 0; second < 200; second++) read(40);
    expect(read(40)).toBeGreaterThan(38);
    expect(read(100)).toBeLessThan(41);
  });

  it("reckons decoding by the pixels that a core decodes, on all of them", () => {
    const meter = new CapacityMeter(host);
    // 4 ms a million pixels: 250 million a second and core.
    expect(meter.read({ ...idle, cameras: [camera(4), camera(16, "software", 2000, 2000)] }).pixelsPerSecond).toBeCloseTo(1e9);
    expect(meter.read({ ...idle, cameras: [{ ...camera(4), state: "offline" }] }).pixelsPerSecond).toBeCloseTo(1e9);
  });

  it("reckons decoding on GPUs by what their decoders do while in use", () => {
    const meter = new CapacityMeter(host);
    const cameras = [camera(40, "cuda"), camera(40, "cuda", 2000, 2000)];
    // However long a frame waits: 50 frames of 2.5 million pixels in the mean take a quarter of the decoders' time.
    expect(meter.read({ ...idle, decodedPerSecond: 50, decoderBusy: 0.25, cameras }).pixelsPerSecond).toBeCloseTo(5e8);
    expect(meter.read({ ...idle, decodedPerSecond: 1, decoderBusy: 0.01, cameras }).pixelsPerSecond).toBeCloseTo(5e8);
    expect(new CapacityMeter(host).read({ ...idle, decodedPerSecond: 50, cameras }).pixelsPerSecond).toBeNull();
  });

  it("says that cores are shared only where they both decode and infer", () => {
    const shared = (infersOnCpu: boolean, decoder: string) =>
      new CapacityMeter({ ...host, infersOnCpu }).read({ ...idle, cameras: [camera(1, decoder)] }).sharedCores;
    expect([shared(true, "software"), shared(true, "cuda"), shared(false, "software")]).toEqual([true, false, false]);
  });
});

describe("workerLabels", () => {
  it("are what the operator says and what the host is", () => {
    const gpus = ["NVIDIA L4", "NVIDIA H100 PCIe"].map((name) => ({ name, memoryBytes: 1, driver: "1" }));
    expect(workerLabels({ hostname: "north", arch: "x64", gpus }, { OCTET_LABELS: ["site=north", "gpu"], OCTET_PROVIDER: "cuda" })).toEqual(
      ["site=north", "gpu", "gpu=l4", "gpu=nvidia-h100-pcie", "provider=cuda", "arch=x64", "host=north"],
    );
    expect(workerLabels({ hostname: "odd host!", arch: "arm64", gpus: [] }, { OCTET_LABELS: [], OCTET_PROVIDER: "cpu" })).toEqual([
      "provider=cpu",
      "arch=arm64",
    ]);
  });
});
