import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppError } from "../errors.ts";
import { cameraKindText, parseCameraKind } from "./camera-kind.ts";
import { detectorById, detectorIds } from "./detector-catalogue.ts";
import { gpuIds, THIS_HOST } from "./gpu-catalogue.ts";
import { codecs } from "./nvdec.ts";
import type { OwnModel } from "./own-model.ts";
import { plan } from "./plan.ts";
import type { PlanRequest } from "./plan-input.ts";
import { precisions } from "./precision.ts";
import { streamRuns } from "./reference-runs.ts";
import { resources } from "./resources.ts";
import { comparePrecisions, sweep } from "./sweep.ts";

/** 70 cameras, 1080p, H.264, 25 fps, 5 detections/s, A10, YOLOv5s-face: the published case. */
const seventy: PlanRequest = { gpu: "a10", streams: 70, codec: "h264", fps: 25, detectFps: 5, model: "yolov5s-face" };
const lower = { decodeSize: { width: 960, height: 540 } };

describe("the published case of 70 cameras on an A10", () => {
  it("FP32: no, at any decode size: compute is too slow", () => {
    const full = plan({ ...seventy, precision: "fp32" });
    expect(full).toMatchObject({ fits: false, bottleneck: "compute", streams: 40 });
    expect(full.loads.compute.load).toBeCloseTo(350 / 200, 12);
    expect(full.loads.memory.load).toBeGreaterThan(1);
    expect(full.loads.decode.load).toBeGreaterThan(1);
    expect(plan({ ...seventy, ...lower, precision: "fp32" })).toMatchObject({ fits: false, bottleneck: "compute", streams: 40 });
  });

  it("FP16: only with a lower decode size; else NVDEC ends at 59", () => {
    const full = plan({ ...seventy, precision: "fp16" });
    expect(full).toMatchObject({ fits: false, bottleneck: "decode", streams: 59 });
    expect(full.loads.compute.load).toBeCloseTo(350 / 600, 12);
    expect(full.loads.memory.load).toBeLessThan(1);
    expect(plan({ ...seventy, ...lower, precision: "fp16" })).toMatchObject({ fits: true, streams: 120 });
  });

  it("INT8: with a lower decode size, and with room to spare", () => {
    expect(plan({ ...seventy, precision: "int8" })).toMatchObject({ fits: false, bottleneck: "decode", streams: 59 });
    const low = plan({ ...seventy, ...lower, precision: "int8" });
    expect(low.fits).toBe(true);
    expect(low.loads.decode.load).toBeCloseTo(1750 / (2 * 748 * 4), 12);
    expect(low.loads.compute.load).toBeCloseTo(350 / 1200, 12);
    expect(low.streams).toBeGreaterThan(200);
  });

  it("needs 35, 18 and 10 GB at full decode size", () => {
    const gigabytes = precisions.map((precision) => plan({ ...seventy, precision }).memory.total / 1e9);
    for (const [index, value] of [35, 18, 10].entries()) expect(Math.abs(gigabytes[index]! / value - 1)).toBeLessThan(0.05);
  });

  it("H.265 fits at full size: the codec sizes the fleet", () => {
    expect(plan({ ...seventy, codec: "hevc", precision: "int8" })).toMatchObject({ fits: true });
  });

  it("scaling after decoding saves memory, and the decoder nothing", () => {
    const scaled = plan({ ...seventy, ...lower, decodeMode: "scaled", precision: "int8" });
    const full = plan({ ...seventy, precision: "int8" });
    expect(scaled).toMatchObject({ fits: false, bottleneck: "decode", streams: 59 });
    expect(scaled.memory.frames).toBeCloseTo(full.memory.frames / 4, 3);
    expect(scaled.notes.join()).toContain("the decoder nothing");
  });
});

describe("what this fleet measured", () => {
  it("wins, and is said to be measured: the published run held 18, 52 and 72 streams", () => {
    const inference = streamRuns.map(({ precision, streams, gpuLoad }) => ({
      model: "yolov5s-face",
      precision,
      framesPerSecond: (streams * 5) / gpuLoad,
      from: "run of 70 streams",
    }));
    const fleet = { inference, decode: [] };
    const results = comparePrecisions({ ...seventy, ...lower, fleet });
    for (const { precision, plan: result } of results) {
      const run = streamRuns.find((each) => each.precision === precision)!;
      expect(result!.loads.compute.source).toBe("measured");
      expect(result!.figures.find(({ name }) => name.includes("sustained"))?.from).toBe("run of 70 streams");
      expect(result!.streams * run.gpuLoad).toBeGreaterThan(run.streams - 1);
      expect(result!.streams * run.gpuLoad).toBeLessThanOrEqual(run.streams + 1e-9);
      expect(result!.fits).toBe(precision === "int8");
    }
  });

  it("replaces the decode rate at its own size, and is scaled to others", () => {
    const fleet = { decode: [{ codec: "h264" as const, size: { width: 1920, height: 1080 }, framesPerSecond: 2000, from: "soak" }] };
    const full = plan({ ...seventy, precision: "int8", fleet });
    expect(full.loads.decode).toMatchObject({ capacity: 2000, source: "measured", load: 1750 / 2000 });
    expect(plan({ ...seventy, ...lower, precision: "int8", fleet }).loads.decode).toMatchObject({ capacity: 8000, source: "estimated" });
  });

  it("is all that this host is planned by", () => {
    const fleet = {
      inference: [{ model: "yunet", precision: "int8" as const, framesPerSecond: 40, from: "octet bench" }],
      decode: [{ codec: "h264" as const, size: { width: 1280, height: 720 }, framesPerSecond: 600, from: "octet bench" }],
      memoryBytes: 16e9,
    };
    const host: PlanRequest = { gpu: THIS_HOST, streams: 8, resolution: { width: 1280, height: 720 }, model: "yunet", fleet };
    const result = plan({ ...host, precision: "int8" });
    expect(result).toMatchObject({ fits: true, streams: 8, bottleneck: "compute" });
    expect(result.loads.decode.source).toBe("measured");
    expect(() => plan({ ...host, precision: "fp32" })).toThrow(/not measured in FP32/);
    expect(() => plan({ ...host, fleet: {} })).toThrow(/measured on it/);
    expect(comparePrecisions(host).map(({ plan: each }) => each !== null)).toEqual([false, false, true]);
  });
});

describe("cameras of several kinds", () => {
  const uhd = parseCameraKind("20:3840x2160:hevc:15:5")!;
  const mixed: PlanRequest = { ...seventy, precision: "int8", others: [uhd] };

  it("add up: the decoder's time, what is inferred, surfaces and frames", () => {
    const { loads, memory, cameras, bandwidth } = plan(mixed);
    const alone = [plan({ ...seventy, precision: "int8" }), plan({ ...seventy, ...uhd, precision: "int8" })] as const;
    expect(cameras).toBe(90);
    expect(loads.decode.load).toBeCloseTo((70 * 25) / 1496 + (20 * 15) / (2830 / 4), 12);
    expect(loads.decode.load).toBeCloseTo(alone[0].loads.decode.load + alone[1].loads.decode.load, 12);
    expect(loads.compute).toMatchObject({ used: 70 * 5 + 20 * 5, capacity: 1200 });
    for (const part of ["surfaces", "frames"] as const) expect(memory[part]).toBe(alone[0].memory[part] + alone[1].memory[part]);
    expect(memory.activations).toBe(alone[0].memory.activations);
    expect(bandwidth.total).toBeCloseTo(alone[0].bandwidth.total + alone[1].bandwidth.total, 0);
    expect(bandwidth.tensorBytesPerSecond).toBe(alone[0].bandwidth.tensorBytesPerSecond + alone[1].bandwidth.tensorBytesPerSecond);
  });

  it("fit in the proportion in which they are given, and are what the tree and the hosts count", () => {
    const { streams, bottleneck, hosts, explanation } = plan(mixed);
    expect([streams, bottleneck]).toEqual([Math.floor(90 / ((70 * 25) / 1496 + (20 * 15) / (2830 / 4))), "decode"]);
    expect(hosts).toMatchObject({ needed: 2, withSpare: 3, streamsEach: 30, streamsEachAfterLoss: 45 });
    expect(explanation.recommendations).toEqual(["production-large"]);
    expect(plan({ ...seventy, streams: 40, others: [{ ...uhd, streams: 21 }] }).explanation.advice.precision).toBe("int8");
    const halved = plan({ ...mixed, streams: 35, others: [{ ...uhd, streams: 10 }] });
    expect(halved).toMatchObject({ fits: true, streams });
  });

  it("are as one kind where they are alike", () => {
    const split = plan({ ...seventy, streams: 30, others: [{ streams: 40, codec: "h264", fps: 25, detectFps: 5 }] });
    const whole = plan(seventy);
    expect(split.streams).toBe(whole.streams);
    for (const resource of resources) expect(split.loads[resource].load).toBeCloseTo(whole.loads[resource].load, 9);
  });

  it("wait as long as the slowest does, and say which kind cannot be", () => {
    const slow = plan({ ...mixed, decoderDelayFrames: 3 });
    expect(slow.latency.decoderDelay).toBe(200);
    expect(() => plan({ ...mixed, gpu: "t4", others: [{ ...uhd, codec: "av1" }] })).toThrow(/no decoder for AV1/);
    expect(() => plan({ ...mixed, others: [{ ...uhd, detectFps: 30 }] })).toThrow(/others\.0\.detectFps/);
  });

  it("are written and read", () => {
    expect(cameraKindText(uhd)).toBe("20:3840x2160:hevc:15:5");
    for (const text of ["", "20", "20:4k:hevc:15:5", "20:3840x2160:vp9:15:5", "20:3840x2160:hevc:5:15", "20:3840x2160:hevc:15:5:1"])
      expect(parseCameraKind(text), text).toBeNull();
  });
});

describe("an own model", () => {
  /** A detector of the catalogue, as `octet inspect` counts it: only its efficiency is another estimate. */
  const ownOf = (id: string): OwnModel => {
    const { name, input, parameters, operations, layerElements } = detectorById(id);
    return {
      id: "c0ffee",
      name,
      input,
      cost: { parameters: parameters.value, macs: Math.round(operations.value / 2), layerElements: layerElements.value },
    };
  };
  const withOwn = (own: OwnModel): PlanRequest => ({ ...seventy, ...lower, gpu: "l4", model: own.id, fleet: { models: [own] } });

  it("is planned by what was counted in its file: as the catalogue's where that is the same", () => {
    const own = plan(withOwn(ownOf("scrfd_10g")));
    const catalogue = plan({ ...seventy, ...lower, gpu: "l4", model: "scrfd_10g" });
    expect(own).toMatchObject({ model: { id: "c0ffee", name: "SCRFD-10GF" }, streams: catalogue.streams, memory: catalogue.memory });
    expect(own.figures.find(({ name }) => name === "operations an image")).toMatchObject({ source: "measured" });
  });

  it("is as efficient as its layers are dense: within a factor of 2.5 of the catalogue's own estimates", () => {
    for (const id of detectorIds) {
      const [own, catalogue] = [detectorById("c0ffee", [ownOf(id)]).efficiency, detectorById(id).efficiency];
      expect(own.value / catalogue.value, id).toBeGreaterThan(1 / 2.5);
      expect(own.value / catalogue.value, id).toBeLessThan(2.5);
      expect(own.source).toBe("estimated");
    }
    expect(detectorById("c0ffee", [ownOf("yolov5s-face")]).efficiency.value).toBe(1);
  });

  it("takes what was measured of it, and not of another", () => {
    const own = ownOf("yunet");
    const run = (model: string) => ({ model, precision: "int8" as const, framesPerSecond: 700, from: "north" });
    const planned = (model: string) => plan({ ...withOwn(own), fleet: { models: [own], inference: [run(model)] } }).loads.compute;
    expect(planned("c0ffee")).toMatchObject({ capacity: 700, source: "measured" });
    expect(planned("yunet")).toMatchObject({ source: "estimated" });
  });
});

describe("plan", () => {
  it("names the least certain source of each load, and where every figure is from", () => {
    const { loads, figures } = plan({ ...seventy, gpu: "t4", precision: "int8" });
    expect(loads.decode.source).toBe("published");
    expect(loads.compute.source).toBe("estimated");
    expect(plan({ ...seventy, gpu: "h100" }).loads.decode.source).toBe("estimated");
    expect(plan(seventy).loads.compute.source).toBe("published");
    for (const figure of figures) expect(figure.from).not.toBe("");
  });

  it("keeps the reserve free", () => {
    const base: PlanRequest = { ...seventy, ...lower, precision: "int8" };
    const half = plan({ ...base, reserve: 0.5 });
    expect(Math.abs(half.streams * 2 - plan(base).streams)).toBeLessThan(3);
  });

  it("plans hosts so that one may fail", () => {
    expect(plan({ ...seventy, precision: "fp16" }).hosts).toEqual({
      streamsPerHost: 59,
      needed: 2,
      withSpare: 3,
      streamsEach: 24,
      streamsEachAfterLoss: 35,
    });
    const none = plan({ ...seventy, latencyTargetMs: 5 });
    expect(none).toMatchObject({ fits: false, bottleneck: "latency", streams: 0, hosts: { needed: null, withSpare: null } });
  });

  it("refuses what cannot be, with what to do", () => {
    const refusal = (request: PlanRequest) => {
      try {
        plan(request);
      } catch (error) {
        return AppError.from(error).toInfo();
      }
      return null;
    };
    expect(refusal({ ...seventy, gpu: "t4", codec: "av1" })).toMatchObject({
      code: "UNSUPPORTED",
      hint: "It decodes H.264 and H.265 (HEVC).",
    });
    expect(refusal({ gpu: "gt-710" })).toMatchObject({ code: "BAD_INPUT", hint: expect.stringContaining("a10") });
    expect(refusal({ model: "resnet" })).toMatchObject({ code: "BAD_INPUT", hint: expect.stringContaining("yunet") });
    expect(refusal({ detectFps: 30, fps: 25 })?.message).toContain("detectFps");
    expect(refusal({ decodeSize: { width: 3840, height: 2160 } })?.message).toContain("larger than the stream");
    expect(refusal({ streams: 0 })?.code).toBe("BAD_INPUT");
  });
});

const request = fc.record({
  gpu: fc.constantFrom(...gpuIds.filter((id) => id !== THIS_HOST)),
  codec: fc.constantFrom(...codecs.filter((codec) => codec !== "av1")),
  model: fc.constantFrom(...detectorIds),
  precision: fc.constantFrom(...precisions),
  resolution: fc.constantFrom({ width: 1280, height: 720 }, { width: 1920, height: 1080 }, { width: 3840, height: 2160 }),
  decodeSize: fc.constantFrom(null, { width: 960, height: 540 }),
  decodeMode: fc.constantFrom("substream" as const, "scaled" as const),
  fps: fc.integer({ min: 10, max: 30 }),
  detectFps: fc.integer({ min: 1, max: 10 }),
  streams: fc.integer({ min: 1, max: 500 }),
  decoderDelayFrames: fc.constantFrom(0, 3),
  reserve: fc.constantFrom(0, 0.2),
});

describe("any plan", () => {
  it("has no load that falls where streams are added", () => {
    fc.assert(
      fc.property(request, fc.integer({ min: 1, max: 500 }), (input, more) => {
        const [few, many] = [plan(input), plan({ ...input, streams: input.streams + more })];
        for (const resource of resources) expect(many.loads[resource].load).toBeGreaterThanOrEqual(few.loads[resource].load);
      }),
    );
  });

  it("has no higher compute, memory or bandwidth load at lower precision, and the same decode load", () => {
    fc.assert(
      fc.property(request, (input) => {
        const [fp32, fp16, int8] = comparePrecisions(input).map((each) => each.plan!.loads);
        for (const [wide, narrow] of [
          [fp32!, fp16!],
          [fp16!, int8!],
        ] as const) {
          for (const resource of ["compute", "memory", "bandwidth"] as const)
            expect(narrow[resource].load).toBeLessThanOrEqual(wide[resource].load);
          expect(narrow.decode.load).toBe(wide.decode.load);
        }
      }),
    );
  });

  it("says the largest number of streams that fits", () => {
    fc.assert(
      fc.property(request, (input) => {
        const { streams, fits } = plan(input);
        expect(fits).toBe(streams >= input.streams);
        if (streams > 0) expect(plan({ ...input, streams }).fits).toBe(true);
        expect(plan({ ...input, streams: streams + 1 }).fits).toBe(false);
      }),
    );
  });

  it("names a bottleneck that is over where it does not fit, and else the one that ends first", () => {
    fc.assert(
      fc.property(request, (input) => {
        const { fits, bottleneck, loads, streams } = plan(input);
        if (fits) expect(loads[bottleneck].streams).toBe(streams);
        else expect(loads[bottleneck].load).toBe(Math.max(...resources.map((resource) => loads[resource].load)));
      }),
    );
  });
});

describe("sweep", () => {
  it("goes from one stream to the last, and agrees with the plan", () => {
    const points = sweep(seventy, 120);
    expect(points[0]!.streams).toBe(1);
    expect(points.at(-1)!.streams).toBe(120);
    for (const { streams, loads } of points.filter((_, index) => index % 10 === 0)) {
      const { loads: planned } = plan({ ...seventy, streams });
      for (const resource of resources) expect(loads[resource]).toBe(planned[resource].load);
    }
  });
});
