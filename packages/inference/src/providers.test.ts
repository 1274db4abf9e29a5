import { describe, expect, it } from "vitest";
import { parseNvidiaSmi } from "./gpus.ts";
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

  it("takes anything else for no GPU", () => {
    expect(parseNvidiaSmi("No devices were found\n")).toEqual([]);
    expect(parseNvidiaSmi("")).toEqual([]);
  });
});
