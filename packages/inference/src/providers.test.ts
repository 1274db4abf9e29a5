import { describe, expect, it } from "vitest";
import { chooseGpus, parseNvidiaSmi } from "./gpus.ts";
import { probeProvider } from "./providers.ts";

describe("probeProvider", () => {
  it("finds the CPU by computing on it", async () => {
    expect(await probeProvider("cpu")).toEqual({ name: "cpu", available: true, detail: "computes" });
  });

  it("says why another platform's provider is missing", async () => {
    const provider = process.platform === "darwin" ? "dml" : "coreml";
    const { available, detail } = await probeProvider(provider);
    expect(available).toBe(false);
    expect(detail).not.toBe("");
  });
});

describe("parseNvidiaSmi", () => {
  it("reads name, memory and driver", () => {
    expect(parseNvidiaSmi("NVIDIA A10, 23028, 550.54.15\nNVIDIA L4, 23034, 550.54.15\n")).toEqual([
      { name: "NVIDIA A10", memoryBytes: 23028 * 2 ** 20, driver: "550.54.15" },
      { name: "NVIDIA L4", memoryBytes: 23034 * 2 ** 20, driver: "550.54.15" },
    ]);
  });

  it("reads index, UUID and compute capability where the driver says them", () => {
    const [gpu] = parseNvidiaSmi("NVIDIA L4, 23034, 550.54.15, 1, GPU-5f1c, 8.9\n");
    expect(gpu).toMatchObject({ index: 1, uuid: "GPU-5f1c", computeCapability: "8.9" });
    expect(parseNvidiaSmi("NVIDIA L4, 23034, 550.54.15, 1, [N/A], [N/A]\n")[0]).not.toHaveProperty("uuid");
  });

  it("chooses GPUs by index, and refuses one that is not there", () => {
    const gpus = parseNvidiaSmi("A, 1, 1, 0, GPU-a, 8.9\nB, 1, 1, 1, GPU-b, 8.9\n");
    const chosen = (wanted: number[] | null) => chooseGpus(gpus, wanted).map(({ gpu, index }) => `${index}${gpu.name}`);
    expect(chosen(null)).toEqual(["0A", "1B"]);
    expect(chosen([1])).toEqual(["1B"]);
    expect(() => chosen([2])).toThrow("OCTET_GPUS names GPU 2; this host has 0, 1");
    expect(() => chooseGpus([], [0])).toThrow("none");
  });

  it("takes anything else for no GPU", () => {
    expect(parseNvidiaSmi("No devices were found\n")).toEqual([]);
    expect(parseNvidiaSmi("")).toEqual([]);
  });
});
