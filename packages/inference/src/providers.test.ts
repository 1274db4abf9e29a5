import { describe, expect, it } from "vitest";
import { chooseGpus, reportedGpu } from "./gpus.ts";
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

describe("GPUs", () => {
  const l4 = { name: "NVIDIA L4", memoryTotalBytes: 23034 * 2 ** 20, driver: "550.54.15" };

  it("are reported with name, memory and driver, and with what else the driver says", () => {
    expect(reportedGpu(l4)).toEqual({ name: "NVIDIA L4", memoryBytes: 23034 * 2 ** 20, driver: "550.54.15" });
    const more = { index: 1, uuid: "GPU-5f1c", computeCapability: "8.9" };
    expect(reportedGpu({ ...l4, ...more })).toMatchObject(more);
    expect(reportedGpu({ ...l4, index: 1, uuid: null, computeCapability: null })).not.toHaveProperty("uuid");
  });

  it("are none where the driver does not tell what they are", () => {
    for (const unknown of ["name", "memoryTotalBytes", "driver"]) expect(reportedGpu({ ...l4, [unknown]: null }), unknown).toBeNull();
  });

  it("are chosen by index, and one that is not there is refused", () => {
    const gpus = ["A", "B"].map((name, index) => ({ name, memoryBytes: 1, driver: "1", index }));
    const chosen = (wanted: number[] | null) => chooseGpus(gpus, wanted).map(({ gpu, index }) => `${index}${gpu.name}`);
    expect(chosen(null)).toEqual(["0A", "1B"]);
    expect(chosen([1])).toEqual(["1B"]);
    expect(() => chosen([2])).toThrow("OCTET_GPUS names GPU 2; this host has 0, 1");
    expect(() => chooseGpus([], [0])).toThrow("none");
  });
});
