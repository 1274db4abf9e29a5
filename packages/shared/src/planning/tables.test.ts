import { describe, expect, it } from "vitest";
import { bandwidthUse } from "./bandwidth.ts";
import { decide, decisionTree } from "./decision-tree.ts";
import { decodeRate } from "./decode-rates.ts";
import { detectorById } from "./detector-catalogue.ts";
import type { Fleet } from "./fleet.ts";
import { fullHd, parseFrameSize } from "./frame-size.ts";
import { gpuByDriverName, gpuById, gpus } from "./gpu-catalogue.ts";
import { inferenceRates } from "./inference-rates.ts";
import { engineMemory } from "./memory.ts";
import { plan } from "./plan.ts";
import { frameBytes, frameBytesPerSecond, precisionFormats, precisions } from "./precision.ts";
import { recommendations } from "./recommendations.ts";
import { referenceRuns, streamRuns } from "./reference-runs.ts";

const noFleet: Fleet = { inference: [], decode: [], models: [] };

const mega = (bytes: number) => bytes / 1e6;

describe("number formats", () => {
  it("have the published bits, ranges and sizes", () => {
    expect(precisions.map((each) => precisionFormats[each].bits)).toEqual([32, 16, 8]);
    expect(precisionFormats.fp32.range[1]).toBe(3.4028234663852886e38);
    expect(precisionFormats.fp16.range).toEqual([-65504, 65504]);
    expect(precisionFormats.int8.range).toEqual([-128, 127]);
    for (const { layout, bits, bytes } of Object.values(precisionFormats)) {
      expect(layout.reduce((sum, field) => sum + field.bits, 0)).toBe(bits);
      expect(bytes).toBe(bits / 8);
    }
  });

  it("take 24.9, 12.4 and 6.2 MB for a 1080p frame, and as much a second for each frame that is inferred", () => {
    expect(precisions.map((each) => mega(frameBytes(fullHd, each)).toFixed(1))).toEqual(["24.9", "12.4", "6.2"]);
    expect(precisions.map((each) => (frameBytesPerSecond(fullHd, each, 350) / 1e9).toFixed(1))).toEqual(["8.7", "4.4", "2.2"]);
    expect(plan({ precision: "fp32", streams: 70, detectFps: 5 }).bandwidth.tensorBytesPerSecond).toBe(1920 * 1080 * 3 * 4 * 350);
  });
});

describe("NVDEC", () => {
  const rate = (gpu: string, codec: "h264" | "hevc") => decodeRate(gpuById(gpu), codec, fullHd, noFleet);
  const need = 70 * 25;

  it("decodes what is published: 70 × 25 fps of H.264 are too much for T4 and A10, H.265 is not", () => {
    expect([rate("t4", "h264").value, rate("t4", "hevc").value]).toEqual([1542, 2632]);
    expect([rate("a10", "h264").value, rate("a10", "hevc").value]).toEqual([1496, 2830]);
    expect([rate("l4", "h264").value, rate("l4", "hevc").value]).toEqual([3612, 6564]);
    const { clockRatio } = gpuById("h100").decoder;
    expect([rate("h100", "h264").value, rate("h100", "hevc").value]).toEqual([5397 * clockRatio.value, 9212 * clockRatio.value]);
    expect(clockRatio.source).toBe("estimated");
    for (const gpu of ["t4", "a10"]) {
      expect(rate(gpu, "h264").value).toBeLessThan(need);
      expect(rate(gpu, "hevc").value).toBeGreaterThan(need);
      const loads = plan({ gpu, streams: 70, fps: 25, precision: "int8" });
      expect(loads).toMatchObject({ fits: false, bottleneck: "decode" });
    }
    expect(plan({ gpu: "l4", streams: 70, fps: 25, codec: "h264" }).loads.decode.load).toBeCloseTo(1750 / 3612, 12);
  });

  it("follows the pixels of the coded frame", () => {
    const a10 = gpuById("a10");
    expect(decodeRate(a10, "h264", { width: 960, height: 540 }, noFleet)).toMatchObject({ value: 5984, source: "estimated" });
    expect(decodeRate(a10, "h264", { width: 3840, height: 2160 }, noFleet).value).toBe(374);
  });

  it("has AV1 where the generation has it", () => {
    expect(decodeRate(gpuById("l40s"), "av1", fullHd, noFleet).source).toBe("estimated");
    for (const gpu of ["t4", "a100", "h100", "h200"])
      expect(() => decodeRate(gpuById(gpu), "av1", fullHd, noFleet)).toThrow(/no decoder for AV1/);
  });
});

describe("the published run on an A10", () => {
  const a10 = gpuById("a10");
  const yolo = detectorById("yolov5s-face");

  it("has these rates, and FP16 is 4 and INT8 7.6 times as fast as FP32", () => {
    const engine = precisions.map((each) => inferenceRates(a10, yolo, each, noFleet).engine.value);
    expect(engine).toEqual([658, 2623, 5000]);
    expect(engine[1]! / engine[0]!).toBeCloseTo(4, 1);
    expect(engine[2]! / engine[0]!).toBeCloseTo(7.6, 1);
    for (const precision of precisions)
      expect(inferenceRates(a10, yolo, precision, noFleet).sustained.value).toBe(referenceRuns[precision].sustainedFps);
  });

  it("takes 1456, 748 and 392 MB", () => {
    for (const precision of precisions) {
      const { total, weights, activations } = engineMemory(yolo, precision, 16);
      expect(Math.abs(mega(total) / referenceRuns[precision].memoryMegabytes - 1)).toBeLessThan(0.005);
      const { bytes } = precisionFormats[precision];
      expect([mega(weights), mega(activations)]).toEqual([7.2 * bytes, 300 * bytes]);
    }
  });

  it("takes 42, 24 and 21 ms from frame to boxes with one stream", () => {
    for (const [index, ms] of [42, 24, 21].entries()) {
      const { latency } = plan({ streams: 1, precision: precisions[index]!, latencyTargetMs: 50 });
      expect(Math.abs(latency.total - ms)).toBeLessThan(1.5);
    }
  });

  it("takes 156 ms at 72 streams where the decoder holds three frames back", () => {
    const int8 = streamRuns.find(({ precision }) => precision === "int8")!;
    const { latency } = plan({ streams: int8.streams, precision: "int8", decodeSize: { width: 960, height: 540 }, decoderDelayFrames: 3 });
    expect(Math.abs(latency.total / int8.latencyMs! - 1)).toBeLessThan(0.1);
  });

  it("scales to other GPUs by their dense peak", () => {
    const t4 = inferenceRates(gpuById("t4"), yolo, "int8", noFleet);
    expect(t4.sustained).toMatchObject({ source: "estimated" });
    expect(t4.sustained.value).toBeCloseTo((1200 * 130) / 250, 6);
  });
});

describe("edge devices", () => {
  const planned = (codec: "h264" | "hevc") => precisions.map((precision) => plan({ gpu: "orin-8", codec, precision }));
  const ends = (codec: "h264" | "hevc") => planned(codec).map(({ streams, bottleneck }) => `${streams} ${bottleneck}`);

  it("8 GB carry about as many H.265 cameras as published (3–5, 8–12, 15–20): FP32 fewer, INT8 one more", () => {
    expect(ends("hevc")).toEqual(["2 compute", "12 compute", "21 decode"]);
  });

  it("8 GB carry 11 H.264 cameras in FP16 and INT8 alike: decoding ends there, and compute would go on to 24", () => {
    expect(ends("h264")).toEqual(["2 compute", "11 decode", "11 decode"]);
    expect(planned("h264").map(({ loads }) => loads.compute.streams)).toEqual([2, 12, 24]);
    expect(planned("h264")[2]!.loads.decode.source).toBe("estimated");
  });

  it("8 GB carry INT8's 24 of either codec where the cameras send a sub-stream", () => {
    const lower = { decodeSize: { width: 960, height: 540 } };
    for (const codec of ["h264", "hevc"] as const) expect(plan({ gpu: "orin-8", codec, precision: "int8", ...lower }).streams).toBe(24);
  });
});

describe("bandwidth", () => {
  it("adds what moves: by hand for one stream", () => {
    const yolo = detectorById("yolov5s-face");
    const use = bandwidthUse(yolo, "int8", 16, [{ streams: 1, fps: 25, detectFps: 5, coded: fullHd, decoded: fullHd }]);
    expect(use.decode).toBe(25 * 3 * 1.5 * 2_073_600);
    expect(use.convert).toBe(5 * (1.5 * 2_073_600 + 2 * 6_220_800));
    expect(use.infer).toBe(5 * (2 * 40e6 + 7.2e6 / 16));
    expect(use.total).toBe(use.decode + use.convert + use.infer);
  });
});

describe("the catalogue", () => {
  it("has the GPUs that the planner promises, each figure with its origin", () => {
    expect(gpus.map(({ id }) => id)).toEqual("t4 a10 l4 l40s a100 h100 h200 rtx-4090 orin-8 orin-16 orin-32 orin-64".split(" "));
    for (const { memoryBytes, bandwidth, peak, decoder } of gpus)
      for (const figure of [memoryBytes, bandwidth, decoder.engines, ...Object.values(peak!)]) {
        expect(figure.value).toBeGreaterThan(0);
        expect(figure.from).not.toBe("");
      }
    expect(Math.round(gpuById("orin-64").peak!.int8.value / 1e12)).toBe(85);
  });

  it("knows a card by its driver's name", () => {
    expect(gpuByDriverName("Tesla T4")?.id).toBe("t4");
    expect(gpuByDriverName("NVIDIA A10")?.id).toBe("a10");
    expect(gpuByDriverName("NVIDIA A100-SXM4-80GB")?.id).toBe("a100");
    expect(gpuByDriverName("NVIDIA L40S")?.id).toBe("l40s");
    expect(gpuByDriverName("NVIDIA GeForce RTX 4090")?.id).toBe("rtx-4090");
    expect(gpuByDriverName("NVIDIA A10G")).toBeNull();
    expect(gpuByDriverName("NVIDIA H100 80GB HBM3")?.id).toBe("h100");
    for (const variant of ["NVIDIA H100 PCIe", "NVIDIA A100-PCIE-40GB", "NVIDIA H200 NVL", "NVIDIA GeForce RTX 4090 Laptop GPU"])
      expect(gpuByDriverName(variant), variant).toBeNull();
  });
});

describe("the decision tree", () => {
  const way = (memoryBytes: number, fp32FastEnough: boolean, streams: number, accuracy: number) => {
    const { steps, advice } = decide({ memoryBytes, fp32FastEnough, streams, accuracy });
    return [...steps.map(({ question, branch }) => `${question}: ${branch}`), advice.id].join(" → ");
  };

  it("decides as published", () => {
    expect(way(24e9, true, 10, 0.95)).toBe("memory: yes → speed: yes → fp32");
    expect(way(24e9, false, 29, 0.95)).toBe("memory: yes → speed: no → streams: fewer than 30 → fp16");
    expect(way(16e9, true, 30, 0.95)).toBe("memory: no → streams: 30–60 → fp16-lower");
    expect(way(24e9, false, 60, 0.95)).toBe("memory: yes → speed: no → streams: 30–60 → fp16-lower");
    expect(way(24e9, false, 70, 0.99)).toBe("memory: yes → speed: no → streams: more than 60 → accuracy: no → int8-ptq");
    expect(way(8e9, false, 61, 0.995)).toBe("memory: no → streams: more than 60 → accuracy: yes → int8-qat");
  });

  it("leads somewhere on every branch, and every node is reached", () => {
    const ids = decisionTree.map(({ id }) => id);
    const reached = decisionTree.flatMap((node) => (node.kind === "question" ? node.branches.map(({ next }) => next) : []));
    for (const next of reached) expect(ids).toContain(next);
    expect(new Set([ids[0]!, ...reached])).toEqual(new Set(ids));
  });

  it("says INT8 for the case of 70 cameras, and the table agrees", () => {
    const { explanation } = plan({ streams: 70 });
    expect(explanation.advice).toMatchObject({ precision: "int8", method: "ptq" });
    expect(explanation.recommendations).toEqual(["production-large"]);
    expect(recommendations.map(({ precision }) => precision)).toEqual(["fp32", "fp16", "int8", "int8", "fp16", "int8"]);
    expect(plan({ gpu: "orin-8", streams: 10, codec: "hevc", latencyTargetMs: 40 }).explanation.recommendations).toEqual([
      "edge",
      "real-time",
    ]);
  });
});

describe("parseFrameSize", () => {
  it("takes both crosses, and nothing else", () => {
    expect(parseFrameSize("1920x1080")).toEqual(fullHd);
    expect(parseFrameSize(" 960 × 540 ")).toEqual({ width: 960, height: 540 });
    for (const text of ["", "1080p", "1920", "0x0", "1920x", "99999x99999", "-1x5"]) expect(parseFrameSize(text)).toBeNull();
  });
});
