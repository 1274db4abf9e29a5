import { describe, expect, it } from "vitest";
import { planResize } from "../../letterbox/letterbox.ts";
import { postprocess } from "../detect.ts";
import { filled, matchFamily, signatureOf } from "../fake-model.ts";
import type { DetectorFamily, DetectorSpec, OutputTensor } from "../family.ts";
import { yolov5, yolov8, yolov10, yolox } from "./family.ts";

/** 64 + 16 + 4 cells. */
const SIDE = 64;
const CELLS = 84;
const names = (...list: string[]) => ({ names: `{${list.map((name, index) => `${index}: '${name}'`).join(", ")}}` });
const matched = (family: DetectorFamily, dimensions: Record<string, (number | string)[]>, metadata?: Record<string, string>) =>
  matchFamily(family, { ...signatureOf(["batch", 3, SIDE, SIDE], dimensions), ...(metadata ? { metadata } : {}) });
const found = (spec: DetectorSpec, outputs: Record<string, OutputTensor>, confidence = 0.5) => {
  const { count, boxes, scores, classes, landmarks } = spec.decode(outputs, 0, { confidence });
  return Array.from({ length: count }, (_, at) => ({
    score: scores[at],
    box: [...boxes.subarray(at * 4, at * 4 + 4)],
    label: spec.labels[classes?.[at] ?? 0],
    ...(landmarks ? { landmarks: [...landmarks.subarray(at * 10, at * 10 + 10)] } : {}),
  }));
};

describe("yolov8", () => {
  const dimensions = { output0: [1, 7, CELLS] };
  const outputs = filled(dimensions, 0);
  /** Channel by channel: the box of one cell and its three classes' scores. */
  for (const [channel, value] of [32, 16, 8, 4, 0.1, 0.75, 0.5].entries()) outputs["output0"]!.data[channel * CELLS + 70] = value;

  it("takes a cell's best class", () => {
    const spec = matched(yolov8, dimensions, names("person", "car", "bus")) as DetectorSpec;
    expect(spec.input).toMatchObject({ channels: "rgb", resize: "letterbox", padValue: 114, scale: 1 / 255 });
    expect(found(spec, outputs)).toEqual([{ score: 0.75, box: [28, 14, 36, 18], label: "car" }]);
    expect(found(spec, outputs, 0.8)).toEqual([]);
  });

  it("names classes as the file does, as COCO where there are 80, else by number", () => {
    expect(matched(yolov8, dimensions, { names: `{0: 'a', 1: "driver's seat", 2: 'c\\'d'}` })).toMatchObject({
      labels: ["a", "driver's seat", "c'd"],
    });
    expect(matched(yolov8, dimensions)).toMatchObject({ labels: ["class 0", "class 1", "class 2"] });
    const coco = matched(yolov8, { output0: [1, 84, CELLS] }) as DetectorSpec;
    expect([coco.labels[0], coco.labels[79], coco.labels.length]).toEqual(["person", "toothbrush", 80]);
  });

  it("reads five points of a pose model as landmarks", () => {
    const pose = { output0: [1, 20, CELLS] };
    const spec = matched(yolov8, pose, { ...names("face"), kpt_shape: "[5, 3]" }) as DetectorSpec;
    const values = filled(pose, 0);
    const cell = [32, 16, 8, 4, 0.9, ...[1, 2, 3, 4, 5].flatMap((point) => [point, point * 10, 0.5])];
    for (const [channel, value] of cell.entries()) values["output0"]!.data[channel * CELLS] = value;
    expect(found(spec, values)).toMatchObject([{ label: "face", landmarks: [1, 10, 2, 20, 3, 30, 4, 40, 5, 50] }]);
  });

  it("leaves coefficients of masks alone, and refuses turned boxes", () => {
    const masks = { output0: [1, 4 + 2 + 32, CELLS], output1: [1, 32, 16, 16] };
    expect(matched(yolov8, masks, names("a", "b"))).toMatchObject({ labels: ["a", "b"] });
    expect(matched(yolov8, { output0: [1, 7, CELLS] }, { ...names("a", "b"), task: "obb" })).toContain("it wants");
  });

  it("needs names where the size is not fixed: any matrix would do otherwise", () => {
    expect(matched(yolov8, { output0: ["n", 7, "cells"] })).toContain("it wants");
    expect(matched(yolov8, { output0: ["n", 7, "cells"] }, names("a", "b", "c"))).toMatchObject({ family: "yolov8" });
  });
});

describe("yolov5", () => {
  it("multiplies objectness and class", () => {
    const dimensions = { output0: [1, 3 * CELLS, 7] };
    const outputs = filled(dimensions, 0);
    outputs["output0"]!.data.set([32, 16, 8, 4, 0.8, 0.25, 0.75], 100 * 7);
    const spec = matched(yolov5, dimensions) as DetectorSpec;
    expect(found(spec, outputs)).toEqual([{ score: expect.closeTo(0.6), box: [28, 14, 36, 18], label: "class 1" }]);
  });
});

describe("yolox", () => {
  const dimensions = { output: [1, CELLS, 6] };
  const spec = matched(yolox, dimensions) as DetectorSpec;

  it("is fed BGR bytes as they are", () => {
    expect(spec.input).toMatchObject({ channels: "bgr", padValue: 114, mean: 0, scale: 1 });
  });

  it("decodes offsets of the cell at its stride", () => {
    const outputs = filled(dimensions, 0);
    // Row 64 + 6 is column 2, row 1 of stride 16.
    outputs["output"]!.data.set([0.5, -0.25, Math.log(2), Math.log(0.5), 0.9, 0.9], 70 * 6);
    const [cx, cy, w, h] = [2.5 * 16, 0.75 * 16, 32, 8];
    expect(found(spec, outputs)).toEqual([
      {
        score: expect.closeTo(0.81),
        box: [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2].map((value) => expect.closeTo(value, 4)),
        label: "object",
      },
    ]);
  });

  it("takes what was decoded in the graph as it is", () => {
    const outputs = filled(dimensions, 0);
    for (let row = 0; row < CELLS; row++) outputs["output"]!.data.set([32, 32, 8, 8, 0.1, 0.9], row * 6);
    outputs["output"]!.data[10 * 6 + 4] = 1;
    expect(found(spec, outputs)).toEqual([{ score: expect.closeTo(0.9), box: [28, 28, 36, 36], label: "object" }]);
  });
});

describe("yolov10", () => {
  it("keeps overlapping boxes, which the model has chosen itself", () => {
    const spec = matched(yolov10, { output0: [1, 300, 6] }, names("a", "b")) as DetectorSpec;
    const data = new Float32Array(300 * 6);
    data.set([8, 8, 40, 40, 0.9, 1, 8, 8, 40, 41, 0.8, 1, 8, 8, 40, 40, 0.7, 9]);
    const plan = planResize({ srcWidth: SIDE, srcHeight: SIDE, dstWidth: SIDE, dstHeight: SIDE, mode: "letterbox" });
    const detections = postprocess(spec, { output0: { dims: [1, 300, 6], data } }, 0, plan, { confidence: 0.5 });
    // A class that the model does not have is none.
    expect(detections.map(({ label, score }) => [label, score])).toEqual([
      ["b", expect.closeTo(0.9)],
      ["b", expect.closeTo(0.8)],
    ]);
  });
});

describe("postprocess", () => {
  it("suppresses overlaps within a class only", () => {
    const dimensions = { output0: [1, 6, CELLS] };
    const spec = matched(yolov8, dimensions, names("person", "bicycle")) as DetectorSpec;
    const outputs = filled(dimensions, 0);
    const cells = [
      [32, 32, 16, 16, 0.9, 0],
      [33, 32, 16, 16, 0.8, 0],
      [32, 32, 16, 16, 0, 0.7],
    ];
    for (const [cell, values] of cells.entries())
      for (const [channel, value] of values.entries()) outputs["output0"]!.data[channel * CELLS + cell] = value;
    const plan = planResize({ srcWidth: SIDE, srcHeight: SIDE, dstWidth: SIDE, dstHeight: SIDE, mode: "letterbox" });
    expect(postprocess(spec, outputs, 0, plan, { confidence: 0.5 }).map(({ label }) => label)).toEqual(["person", "bicycle"]);
  });

  it("gives the classes that are wanted, which the others take no room from", () => {
    const dimensions = { output0: [1, 300, 6] };
    const spec = matched(yolov10, dimensions, names("Person", "car", "bus")) as DetectorSpec;
    const outputs = filled(dimensions, 0);
    outputs["output0"]!.data.set([8, 8, 40, 40, 0.9, 1, 8, 8, 40, 41, 0.8, 0, 8, 8, 30, 30, 0.7, 2]);
    const plan = planResize({ srcWidth: SIDE, srcHeight: SIDE, dstWidth: SIDE, dstHeight: SIDE, mode: "letterbox" });
    const given = (labels: string[] | undefined, maxDetections = 9) =>
      postprocess(spec, outputs, 0, plan, { confidence: 0.5, maxDetections, ...(labels ? { labels } : {}) }).map(({ label }) => label);
    expect(given(undefined)).toEqual(["car", "Person", "bus"]);
    expect(given([])).toEqual(["car", "Person", "bus"]);
    expect(given(["bus", "PERSON"])).toEqual(["Person", "bus"]);
    expect(given(["person"], 1)).toEqual(["Person"]);
    expect(given(["dog"])).toEqual([]);
  });
});
