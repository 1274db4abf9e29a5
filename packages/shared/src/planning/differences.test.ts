import { describe, expect, it } from "vitest";
import { runDifference, treeDifference } from "./differences.ts";
import { plan } from "./plan.ts";
import type { PlanRequest } from "./plan-input.ts";
import { comparePrecisions } from "./sweep.ts";

const seventy: PlanRequest = { gpu: "a10", streams: 70, codec: "h264", fps: 25, detectFps: 5, model: "yolov5s-face", precision: "fp16" };
const lower: PlanRequest = { ...seventy, decodeSize: { width: 960, height: 540 } };
const tree = (request: PlanRequest) => treeDifference(plan(request), comparePrecisions(request));

describe("the decision tree and the plan", () => {
  it("differ where a wider precision fits than the number of cameras says", () => {
    expect(tree(lower)).toBe(
      "The tree goes by memory and the number of cameras. By this plan's figures FP16 fits too, up to 120 cameras: it infers 600 frames/s (published). Measure it before you rely on that.",
    );
  });

  it("differ where nothing fits, and say what a precision cannot change", () => {
    expect(tree(seventy)).toBe(
      "The tree does not make 70 cameras fit on one NVIDIA A10: decode ends at 59 cameras in INT8, as in every precision: decoding does not depend on it. The tree counts on a lower decode size; this plan has the full one.",
    );
  });

  it("differ where what the tree says does not fit, and a narrower one does", () => {
    expect(tree({ ...seventy, gpu: "orin-8", codec: "hevc", streams: 20 })).toBe(
      "The tree goes by memory and the number of cameras. Here compute ends at 12 cameras in FP16, and INT8 fits, up to 21 cameras.",
    );
    const host: PlanRequest = {
      ...seventy,
      gpu: "this-host",
      streams: 4,
      precision: "int8",
      fleet: {
        inference: [{ model: "yolov5s-face", precision: "int8", framesPerSecond: 40, from: "here" }],
        decode: [{ codec: "h264", size: { width: 1920, height: 1080 }, framesPerSecond: 600, from: "here" }],
        memoryBytes: 16e9,
      },
    };
    expect(tree(host)).toContain("Here FP16 was not measured, and INT8 fits, up to 8 cameras.");
    expect(tree({ ...host, streams: 61 })).toMatch(
      /^The tree does not make 61 cameras fit on this host: compute ends at 8 cameras in INT8\./,
    );
  });

  it("differ where FP32 is fast enough, and something else is not there for it", () => {
    expect(tree({ ...seventy, streams: 40, resolution: { width: 2560, height: 1440 }, fps: 10 })).toMatch(
      /^The tree goes by memory and FP32's speed\. Here memory ends at \d+ cameras in FP32, and FP16 fits, up to \d+ cameras\.$/,
    );
  });

  it("have nothing to say where they agree", () => {
    const rate = { model: "yolov5s-face", precision: "fp16" as const, framesPerSecond: 280, from: "the run" };
    expect(tree({ ...lower, fleet: { inference: [rate] } })).toBeNull();
    expect(tree({ ...seventy, streams: 20 })).toBeNull();
  });
});

describe("the published run and the plan", () => {
  it("differ by the rate that each rests on, in every precision", () => {
    expect(runDifference(plan(lower))).toEqual({
      comparable: true,
      text: "In FP16 this plan carries 120 cameras, that run 52: there 260 frames/s took 93 % of the GPU, so 280 would take all of it, and here it infers 600 (published). With an inference rate of 280 this plan ends at 56.",
    });
    expect(runDifference(plan({ ...lower, precision: "fp32" }))?.text).toMatch(
      /40 cameras, that run 18: there 90 frames\/s took 95 %.* ends at 19\.$/,
    );
    expect(runDifference(plan({ ...lower, precision: "int8" }))?.text).toMatch(/239 cameras, that run 72: .* ends at 87\.$/);
  });

  it("agree where the run's rate is the plan's", () => {
    const rate = { model: "yolov5s-face", precision: "fp16" as const, framesPerSecond: 280, from: "the run" };
    expect(runDifference(plan({ ...lower, fleet: { inference: [rate] } }))).toBeNull();
  });

  it("are not compared where the plan is another case", () => {
    expect(runDifference(plan(seventy))).toEqual({ comparable: false, text: "This plan is another case: decoded at 1920×1080." });
    expect(runDifference(plan({ ...lower, gpu: "l4", model: "yunet", detectFps: 10 }))?.text).toBe(
      "This plan is another case: NVIDIA L4 for NVIDIA A10, another detector, 10 inferred a second.",
    );
  });
});
