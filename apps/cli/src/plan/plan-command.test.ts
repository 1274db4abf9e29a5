import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { defaultModelPath } from "@octet/inference/builtin-models";
import { addLocalModel } from "@octet/precision/workspace/model-store";
import { AppError } from "@octet/shared/errors";
import { parseCameraKind } from "@octet/shared/planning/camera-kind";
import { CommanderError } from "commander";
import { afterEach, describe, expect, it, vi } from "vitest";
import { readEnv } from "../env.ts";
import { main } from "../main.ts";
import { Output } from "../output/output.ts";
import { buildProgram } from "../program.ts";
import { runCommand } from "../testing/command-runner.ts";
import { FakeServer } from "../testing/fake-server.ts";
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
    expect(text).toMatch(/^FP32 +no +40 +compute +175 % +100 % +100 % +34\.\d GB +242 ms$/m);
    expect(text).toMatch(/^FP16 +no +59 +decode +58 % +58 % +100 %/m);
    expect(text).toContain("hosts: 2, and 3 so that one may fail (24 streams each, 35 after a loss)");
    expect(text).toContain("→ INT8, calibrated (PTQ)");
  });

  it("shows what memory and latency are made of, in each precision", async () => {
    const { text } = await octet(...seventy, "--decode-size", "960x540", "--decoder-delay", "3");
    expect(text).toMatch(/^MEMORY +FP32 +FP16 +INT8$/m);
    expect(text).toMatch(/^weights +28\.8 MB +14\.4 MB +7\.2 MB$/m);
    expect(text).toMatch(/^decoder surfaces +435 MB +435 MB +435 MB$/m);
    expect(text).toMatch(/^total +12\.2 GB +6\.6 GB +3\.8 GB$/m);
    expect(text).toMatch(/^held back by decoder +120 ms +120 ms +120 ms$/m);
    expect(text).toMatch(/^inference +24 ms +6\.1 ms +3\.2 ms$/m);
  });

  it("says where it, the tree and the published run differ, and nothing where they do not", async () => {
    const { text } = await octet(...seventy, "--precision", "fp16", "--decode-size", "960x540");
    expect(text).toContain("By this plan's figures FP16 fits too, up to 120 cameras");
    expect(text).toContain("Published run: In FP16 this plan carries 120 cameras, that run 52");
    const measured = await octet(...seventy, "--precision", "fp16", "--decode-size", "960x540", "--inference-rate", "280");
    expect(measured.text).not.toMatch(/The tree|Published run/);
    const full = JSON.parse((await octet(...seventy, "--precision", "fp16", "--json")).text);
    expect(full.differences).toMatchObject({ tree: expect.stringContaining("decode ends at 59"), publishedRun: { comparable: false } });
  });

  it("plans cameras of several kinds on one device", async () => {
    const { code, text } = await octet(...seventy, "--also", "20:3840x2160:hevc:15:5", "--also", "4:640x360:h264:10:2");
    expect(code).toBe(1);
    expect(text).toContain("\n20 streams of 3840×2160 H.265 (HEVC) at 15 fps, 5 inferred a second\n");
    expect(text).toMatch(/does not fit: 58 streams of this mix would; decode is at 160 %/);
    await expect(octet("--also", "20:4k:hevc:15:5")).rejects.toBeInstanceOf(CommanderError);
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

  it("plans a model that the catalogue has not, by its file or out of a workspace", async () => {
    const site = ["--gpu", "l4", "--streams", "70", "--decode-size", "960x540", "--json"];
    const catalogue = JSON.parse((await octet(...site, "--model", "retinaface-mnet0.25")).text);
    const own = JSON.parse((await octet(...site, "--model", defaultModelPath())).text);
    expect(own.model.id).toMatch(/^[0-9a-f]{64}$/);
    expect(own.model.name).toBe(path.basename(defaultModelPath(), ".onnx"));
    // The same file: what is counted in it is what the catalogue has, but for the estimate of its efficiency.
    expect(own.memory.weights).toBe(catalogue.memory.weights);
    expect(own.bandwidth.infer / catalogue.bandwidth.infer).toBeCloseTo(1, 3);
    const rated = JSON.parse((await octet(...site, "--model", "default", "--inference-rate", "500")).text);
    expect(rated.loads.compute).toMatchObject({ capacity: 500, source: "measured" });

    const workspace = await mkdtemp(path.join(tmpdir(), "octet-plan-"));
    try {
      const { model } = await addLocalModel({
        workspace,
        file: defaultModelPath(),
        name: "Doors",
        licence: "",
        origin: "",
        notes: "",
        tool: "test",
      });
      expect(model.cost).toMatchObject({ parameters: 501_776 });
      const stored = JSON.parse((await octet(...site, "--model", "Doors", "--workspace", workspace)).text);
      expect(stored).toMatchObject({ model: { id: own.model.id, name: "Doors" }, streams: own.streams });
      await expect(octet(...site, "--model", "Windows", "--workspace", workspace)).rejects.toMatchObject({
        code: "NOT_FOUND",
        hint: expect.stringMatching(/Doors.*catalogue has: yolov5s-face/),
      });
    } finally {
      await rm(workspace, { recursive: true });
    }
    await expect(octet(...site, "--model", "none.onnx")).rejects.toMatchObject({ code: "MODEL_NOT_FOUND" });
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

describe("octet plan --measured-on", () => {
  const sha256 = "c0ffee".padEnd(64, "0");
  const cost = { parameters: 501_776, macs: 1_078_000_000, layerElements: 16_128_000 };
  const run = (precision: string, framesPerSecond: number) => ({
    model: sha256,
    precision,
    framesPerSecond,
    from: `${precision} on north`,
  });
  const fleet = {
    hosts: [
      {
        id: "w1",
        name: "north",
        hostname: "north.lan",
        online: true,
        gpu: "l4",
        memoryBytes: 24e9,
        inference: run("fp16", 640),
        decode: { codec: "h264", size: { width: 1280, height: 720 }, framesPerSecond: 2025, from: "north, live" },
      },
    ],
    benchmarks: [{ id: "b1", host: "north.lan", profile: "Doors INT8", gpu: "l4", inference: run("int8", 980) }],
    cameras: { kinds: [], left: 0 },
    models: [{ modelId: "m1", id: sha256, name: "Doors", input: { width: 640, height: 640 }, cost }],
  };
  const planned = async (...args: string[]) => {
    await using server = await FakeServer.start({ "planner.fleet": () => fleet });
    const env = { OCTET_HOME: "/nowhere", OCTET_URL: server.url, OCTET_TOKEN: "t" };
    return await runCommand(["plan", "--measured-on", "north", ...args], env);
  };

  it("plans for a worker's GPU by what it reaches and what benchmarks measured, each precision by its own", async () => {
    const { code, document, text } = await planned("--decode-size", "960x540");
    expect(code).toBe(0);
    expect(document).toMatchObject({
      gpu: { id: "l4" },
      model: { id: sha256, name: "Doors" },
      input: { precision: "fp16" },
      loads: { compute: { capacity: 640, source: "measured" }, decode: { source: "estimated" } },
    });
    expect(text).toMatch(/^INT8 +yes +196 /m);
    const int8 = await planned("--model", "Doors", "--precision", "int8");
    expect(int8.document).toMatchObject({ loads: { compute: { capacity: 980, source: "measured" } } });
    const said = await planned("--model", "Doors", "--inference-rate", "100");
    expect(said.document).toMatchObject({ input: { precision: "fp16" }, loads: { compute: { capacity: 100 } } });
    const other = await planned("--model", "yunet");
    expect(other.document).toMatchObject({ input: { precision: "int8" }, loads: { compute: { source: "estimated" } } });
  });

  it("says what is missing of a host that is known by measurement only", async () => {
    const host = { ...fleet.hosts[0], gpu: "this-host", inference: null };
    const idle = { ...fleet, hosts: [host], benchmarks: [] };
    const still = { ...idle, hosts: [{ ...host, decode: null }] };
    let report: object = idle;
    await using server = await FakeServer.start({ "planner.fleet": () => report });
    const env = { OCTET_HOME: "/nowhere", OCTET_URL: server.url, OCTET_TOKEN: "t" };
    const run = (...args: string[]) => runCommand(["plan", "--measured-on", "north", ...args], env);
    expect(await run()).toMatchObject({
      code: 2,
      document: {
        error: { code: "BAD_INPUT", message: expect.stringContaining("infers was not"), hint: expect.stringContaining("octet benchmark") },
      },
    });
    expect(await run("--inference-rate", "40", "--streams", "8")).toMatchObject({
      code: 0,
      document: { loads: { decode: { capacity: 900 } } },
    });
    report = still;
    expect(await run("--inference-rate", "40")).toMatchObject({
      document: { error: { message: expect.stringContaining("decodes was not"), hint: expect.stringContaining("--decode-rate") } },
    });
  });

  it("plans the server's cameras as they send now", async () => {
    const cameras = { kinds: ["40:1920x1080:h264:25:5", "10:3840x2160:hevc:15:5"].map(parseCameraKind), left: 2 };
    await using server = await FakeServer.start({ "planner.fleet": () => ({ ...fleet, cameras }) });
    const env = { OCTET_HOME: "/nowhere", OCTET_URL: server.url, OCTET_TOKEN: "t" };
    const { document, notes } = await runCommand(["plan", "--site-cameras"], env);
    expect(document).toMatchObject({ cameras: 50, input: { streams: 40, others: [{ streams: 10, codec: "hevc" }] } });
    expect(notes).toEqual(["2 cameras left out: what they send is not known, or rarer than a plan takes."]);
    await expect(runCommand(["plan", "--site-cameras", "--streams", "3"], env)).rejects.toBeInstanceOf(CommanderError);
    await using none = await FakeServer.start({ "planner.fleet": () => fleet });
    expect(await runCommand(["plan", "--site-cameras"], { ...env, OCTET_URL: none.url })).toMatchObject({
      code: 2,
      document: { error: { code: "BAD_INPUT", hint: expect.stringContaining("octet cameras list") } },
    });
  });

  it("says what to do without a server, and which worker there is not", async () => {
    const alone = await runCommand(["plan", "--measured-on", "north"], { OCTET_HOME: "/nowhere" });
    expect(alone).toMatchObject({ code: 2, document: { error: { code: "BAD_INPUT", hint: expect.stringContaining("OCTET_URL") } } });
    await using server = await FakeServer.start({ "planner.fleet": () => fleet });
    const env = { OCTET_HOME: "/nowhere", OCTET_URL: server.url, OCTET_TOKEN: "t" };
    expect(await runCommand(["plan", "--measured-on", "south"], env)).toMatchObject({ document: { error: { code: "NOT_FOUND" } } });
    await expect(runCommand(["plan", "--measured-on", "north", "--gpu", "a10"], env)).rejects.toBeInstanceOf(CommanderError);
  });

  it("takes a model by its name on the server, and says what to do about one that was not counted", async () => {
    const listed = {
      id: "6f1c2a1e-6a3b-4a58-9d0c-0b8f3f1f2a10",
      name: "Doors",
      sha256,
      sizeBytes: 1,
      family: "retinaface",
      inputWidth: 640,
      inputHeight: 640,
      maxBatch: 1,
      classes: [],
      precision: "fp32",
      licence: { name: "MIT", note: "", origin: "" },
      notes: "",
      createdBy: null,
      createdAt: "2026-03-01T08:00:00.000Z",
      profiles: [],
    };
    await using server = await FakeServer.start({
      "models.list": () => [
        { ...listed, cost },
        { ...listed, name: "Old" },
      ],
    });
    const env = { OCTET_HOME: "/nowhere", OCTET_URL: server.url, OCTET_TOKEN: "t" };
    expect(await runCommand(["plan", "--model", "doors"], env)).toMatchObject({ document: { model: { id: sha256, name: "Doors" } } });
    expect(await runCommand(["plan", "--model", "Old"], env)).toMatchObject({
      code: 2,
      document: { error: { code: "MODEL_UNSUPPORTED", hint: expect.stringContaining("--model FILE.onnx") } },
    });
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
