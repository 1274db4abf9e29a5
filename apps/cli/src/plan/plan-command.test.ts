import { AppError } from "@octet/shared/errors";
import { CommanderError } from "commander";
import { afterEach, describe, expect, it, vi } from "vitest";
import { readEnv } from "../env.ts";
import { main } from "../main.ts";
import { Output } from "../output/output.ts";
import { buildProgram } from "../program.ts";
import { amount, bar } from "./report.ts";

afterEach(() => vi.restoreAllMocks());

/** Runs the command in this process; what it throws is the caller's. */
async function octet(...args: string[]): Promise<{ code: number; text: string }> {
  let text = "";
  let code = -1;
  vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  const program = buildProgram({
    output: new Output(args.includes("--json")),
    env: readEnv,
    action:
      (body) =>
      async (...parameters) => {
        code = await body(...parameters);
      },
  });
  await program.parseAsync(["plan", ...args], { from: "user" }).finally(() => vi.restoreAllMocks());
  return { code, text };
}

const seventy = "--gpu a10 --streams 70 --codec h264 --resolution 1920x1080 --fps 25 --detect-fps 5 --model yolov5s-face".split(" ");

describe("octet plan", () => {
  it("gives the verdict on 70 cameras as JSON and as exit code", async () => {
    const cases: [string[], object, number][] = [
      [["--precision", "int8"], { fits: false, streams: 59, bottleneck: "decode" }, 1],
      [["--precision", "int8", "--decode-size", "960x540"], { fits: true, bottleneck: "decode" }, 0],
      [["--precision", "fp16"], { fits: false, streams: 59, bottleneck: "decode" }, 1],
      [["--precision", "fp16", "--decode-size", "960x540"], { fits: true, streams: 120, bottleneck: "compute" }, 0],
      [["--precision", "fp32", "--decode-size", "960x540"], { fits: false, streams: 40, bottleneck: "compute" }, 1],
    ];
    for (const [options, expected, exitCode] of cases) {
      const { code, text } = await octet(...seventy, ...options, "--json");
      const result = JSON.parse(text);
      expect(result).toMatchObject(expected);
      expect(code).toBe(exitCode);
      expect(Object.keys(result.loads)).toEqual(["decode", "compute", "memory", "bandwidth", "latency"]);
      for (const { load, headroom } of Object.values(result.loads) as { load: number; headroom: number }[])
        expect(headroom).toBeCloseTo(1 - load, 12);
    }
  });

  it("shows bars, the three precisions, hosts and the way through the decision tree", async () => {
    const { code, text } = await octet(...seventy, "--precision", "int8");
    expect(code).toBe(1);
    expect(text).toContain("does not fit: 59 streams would; decode is at 117 %");
    expect(text).toMatch(/^decode \* {2}.*\[#{24}\]> +117 % +-17 % +1750 frames\/s +1496 frames\/s +59 {2}published$/m);
    expect(text).toMatch(/^FP32 +no +40 +compute +175 %/m);
    expect(text).toContain("hosts: 2, and 3 so that one may fail (24 streams each, 35 after a loss)");
    expect(text).toContain("→ INT8, calibrated (PTQ)");
  });

  it("takes measured rates before its catalogue's", async () => {
    const { code, text } = await octet(...seventy, "--decode-rate", "1800", "--inference-rate", "360", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(text).loads).toMatchObject({
      decode: { capacity: 1800, source: "measured" },
      compute: { capacity: 360, source: "measured" },
    });
  });

  it("plans for this host by what was measured on it", async () => {
    const host = ["--gpu", "this-host", "--streams", "4", "--fps", "10"];
    const { text } = await octet(...host, "--inference-rate", "30", "--decode-rate", "200", "--json");
    expect(JSON.parse(text)).toMatchObject({ fits: true, streams: 6, bottleneck: "compute", gpu: { name: "This host" } });
    await expect(octet(...host)).rejects.toMatchObject({ code: "BAD_INPUT", hint: expect.stringContaining("octet bench") });
  });

  it("refuses bad input", async () => {
    for (const options of [
      ["--gpu", "gtx"],
      ["--streams", "0"],
      ["--streams", "2.5"],
      ["--resolution", "1080p"],
      ["--decode-size", "0x0"],
      ["--precision", "int4"],
    ])
      await expect(octet(...options)).rejects.toBeInstanceOf(CommanderError);
    for (const [options, code] of [
      [["--gpu", "t4", "--codec", "av1"], "UNSUPPORTED"],
      [["--fps", "5", "--detect-fps", "10"], "BAD_INPUT"],
      [["--decode-size", "3840x2160"], "BAD_INPUT"],
    ] as const) {
      const error = await octet(...options).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(AppError);
      expect(error.code).toBe(code);
    }
  });

  it("ends with 2 where the input is bad", async () => {
    const before = process.exitCode;
    let said = "";
    vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
      said += String(chunk);
      return true;
    });
    try {
      await main(["plan", "--gpu", "t4", "--codec", "av1", "--json"]);
      expect(process.exitCode).toBe(2);
      expect(JSON.parse(said).error.code).toBe("UNSUPPORTED");
    } finally {
      process.exitCode = before;
    }
  });
});

describe("report", () => {
  it("draws bars to 100 %", () => {
    expect(bar(0)).toBe(`[${" ".repeat(24)}] `);
    expect(bar(0.5)).toBe(`[${"#".repeat(12)}${" ".repeat(12)}] `);
    expect(bar(1)).toBe(`[${"#".repeat(24)}] `);
    expect(bar(3)).toBe(`[${"#".repeat(24)}]>`);
  });

  it("writes amounts in their unit", () => {
    expect(amount(1496, "frames/s")).toBe("1496 frames/s");
    expect(amount(9.13e9, "bytes")).toBe("9.1 GB");
    expect(amount(12e9, "bytes/s")).toBe("12.0 GB/s");
    expect(amount(4.24, "ms")).toBe("4.2 ms");
  });
});
