import { onnxRuntime as runtime } from "@octet/inference/onnx-runtime";
import type { Model } from "@octet/onnx/ir/model";
import { describe, expect, it } from "vitest";
import { calibrate, type QuantizationTarget, quantizeCalibrated } from "../int8/quantize-model.ts";
import { floatReference, headError, headSqnr, headValues, meanSqnr } from "./head-error.ts";
import { measureLayerErrors } from "./layer-errors.ts";
import { keepGroupsFloat, quantizerGroups } from "./quantizer-groups.ts";
import { measureSensitivity } from "./sensitivity.ts";
import { tinyDetector, tinyImages } from "./testing/tiny-detector.ts";

const images = tinyImages(3);
const feeds = () => images;
const calibrated = (target: QuantizationTarget = "onnxruntime") => calibrate(tinyDetector(), { target, method: "minmax", runtime, feeds });

describe("quantizerGroups", () => {
  it("keeps a layer with its activation and what shares its scale, and leaves the heads out", async () => {
    const groups = quantizerGroups(await calibrated());
    const ops = groups.map(({ units }) => units.map(({ node, activation }) => node.opType + (activation?.opType ?? "")));
    expect(ops).toEqual([["Conv", "Sigmoid", "Mul", "MaxPool"], ["ConvRelu"], ["Concat"]]);
    const [first, second] = groups;
    expect(first!.macs).toBe(16 * 16 * 8 * 3 * 9);
    expect(second!.macsShare).toBeCloseTo((8 * 8) / (8 * 3 + 8 * 8 + 6 * 16), 12);
    expect([...keepGroupsFloat(groups, [second!.name], "slower")]).toEqual([[second!.name, "slower"]]);
  });
});

describe("measureSensitivity", () => {
  it("is told by whoever measures", async () => {
    const quantised: number[] = [];
    const measure = (variant: Model): Promise<number> =>
      Promise.resolve(quantised.push(variant.graph.nodes.filter(({ opType }) => opType === "QuantizeLinear").length));
    const found = await measureSensitivity(await calibrated(), { runtime, feeds, images: 2, measure });
    expect(found.map(({ sqnrDb }) => sqnrDb)).toEqual([1, 2, 3]);
    expect(Math.min(...quantised)).toBeGreaterThan(0);
  });

  it("is what each group alone costs at the heads", async () => {
    const calibration = await calibrated();
    const seen: number[] = [];
    const found = await measureSensitivity(calibration, { runtime, feeds, images: 2, onGroup: (done) => seen.push(done) });
    expect(seen).toEqual([1, 2, 3]);
    const { prepared, decisions } = calibration;
    const heads = headValues(prepared, decisions);
    expect(heads).toHaveLength(2);
    const all = await headSqnr(prepared, quantizeCalibrated(calibration).model, { runtime, feeds, heads, images: 2 });
    const groups = quantizerGroups(calibration);
    const reference = await floatReference(prepared, { runtime, feeds, heads, images: 2 });
    for (const { group, sqnrDb } of found) {
      expect(sqnrDb).toBeGreaterThan(all);
      expect(sqnrDb).toBeLessThan(80);
      const others = groups.map(({ name }) => name).filter((name) => name !== group.name);
      const alone = quantizeCalibrated(calibration, { keepFloat: keepGroupsFloat(groups, others) }).model;
      const { heads: each } = await headError(reference, alone, runtime);
      expect(meanSqnr(each.map((head) => head.sqnrDb))).toBeCloseTo(sqnrDb, 9);
    }
    // Noise powers of groups add up to about that of them all.
    const sum = found.reduce((power, { sqnrDb }) => power + 10 ** (-sqnrDb / 10), 0);
    expect(Math.abs(-10 * Math.log10(sum) - all)).toBeLessThan(3);
    // The wild channel takes the precision of the seven others.
    expect(found.toSorted((a, b) => a.sqnrDb - b.sqnrDb)[0]!.group.units[0]!.node.opType).toBe("Conv");
    const keepFloat = keepGroupsFloat(
      found.map(({ group }) => group),
      [found[1]!.group.name],
    );
    const fewer = await measureSensitivity(calibration, { runtime, feeds, images: 1, options: { keepFloat } });
    expect(fewer.map(({ group }) => group.name)).toEqual([found[0]!.group.name, found[2]!.group.name]);
  });

  it("changes nothing where nothing is quantised, and wants an image", async () => {
    const calibration = await calibrated();
    const { prepared, decisions } = calibration;
    const reference = await floatReference(prepared, { runtime, feeds, heads: headValues(prepared, decisions) });
    expect((await headError(reference, prepared, runtime)).sqnrDb).toBe(Number.POSITIVE_INFINITY);
    await expect(measureSensitivity(calibration, { runtime, feeds, images: 0 })).rejects.toMatchObject({ code: "CALIBRATION_EMPTY" });
  });
});

describe("measureLayerErrors", () => {
  it.each(["onnxruntime", "tensorrt"] as const)("follows the loss through the layers (%s), in one pass or in many", async (target) => {
    const calibration = await calibrated(target);
    const quantised = quantizeCalibrated(calibration);
    const errors = await measureLayerErrors(calibration, quantised, { runtime, feeds });
    expect([...errors.keys()]).toEqual(calibration.units.map(({ name }) => name));
    const passes: number[] = [];
    const again = await measureLayerErrors(calibration, quantised, {
      runtime,
      feeds,
      bytesPerPass: 1,
      onPass: (done) => passes.push(done),
    });
    expect(passes).toHaveLength(errors.size);
    expect([...again]).toEqual([...errors]);
    if (target === "tensorrt") return;
    for (const [name, { sqnrDb, count }] of errors) {
      expect(sqnrDb, name).toBeGreaterThan(10);
      expect(sqnrDb, name).toBeLessThan(70);
      expect(count % 3).toBe(0);
    }
    const kept = quantizeCalibrated(calibration, { keepFloat: new Map(calibration.units.map(({ name }) => [name, "sensitive"])) });
    const exact = await measureLayerErrors(calibration, kept, { runtime, feeds, images: 1 });
    for (const { sqnrDb } of exact.values()) expect(sqnrDb).toBe(Number.POSITIVE_INFINITY);
  });
});
