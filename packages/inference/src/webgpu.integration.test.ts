import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { runProgram } from "@octet/testing/run-program";
import { describe, expect, it } from "vitest";
import type { NodePlacement } from "./node-placement.ts";

/** Chromium brings a Vulkan that computes on the CPU (SwiftShader) and its loader: a GPU for those who have none. */
const folder = [path.dirname(process.env["OCTET_CHROMIUM"] ?? "/nowhere/chromium"), "/usr/lib/chromium"].find((candidate) =>
  existsSync(path.join(candidate, "vk_swiftshader_icd.json")),
);
if (!folder && process.platform === "linux") process.stderr.write("WebGPU is not tested: no Chromium with SwiftShader is here\n");

interface Result {
  placement: (NodePlacement | null)[];
  outputs: number[][];
}

function runOn(provider: string, env: Record<string, string> = {}): Result {
  const program = fileURLToPath(new URL("./testing/two-sessions.ts", import.meta.url));
  const run = runProgram(program, [provider], { ...process.env, ...env }, 110_000);
  expect(run.status, run.stderr || String(run.signal)).toBe(0);
  return JSON.parse(run.stdout) as Result;
}

describe.runIf(folder && process.platform === "linux")("WebGPU", () => {
  it("runs all nodes of two sessions that are used at once, and agrees with the CPU", () => {
    const icd = path.join(folder!, "vk_swiftshader_icd.json");
    const gpu = runOn("webgpu", { VK_ICD_FILENAMES: icd, VK_DRIVER_FILES: icd, LD_LIBRARY_PATH: folder!, XDG_RUNTIME_DIR: "/tmp" });
    for (const placement of gpu.placement) {
      expect(Object.keys(placement!.nodes).some((name) => /webgpu/i.test(name))).toBe(true);
      expect(placement!.heavyOnCpu).toEqual({});
    }
    const cpu = runOn("cpu");
    for (const [index, output] of cpu.outputs.entries()) {
      expect(output).toHaveLength(4 * 64 * 64);
      expect(Math.max(...output.map((value, at) => Math.abs(value - gpu.outputs[index]![at]!)))).toBeLessThan(1e-4);
    }
  });
});
