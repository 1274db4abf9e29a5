import { onnxRuntime } from "@octet/inference/onnx-runtime";
import { cloneModel } from "@octet/onnx/io/clone-model";
import { encodeModel } from "@octet/onnx/io/encode-model";
import type { Model } from "@octet/onnx/ir/model";
import { addOutput } from "@octet/onnx/testing/build-graph";
import { beforeAll, describe, expect, it } from "vitest";
import { prepareFloat } from "../int8/prepare.ts";
import { noiseImages, residualNetwork } from "../int8/testing/residual-network.ts";
import type { Runtime, RuntimeTensor } from "../runtime.ts";
import { collectRanges } from "./collect.ts";
import { createObserver } from "./observers.ts";
import type { Range, RangeObserver } from "./range-observer.ts";

const values = ["image", "stem.act", "cat", "mid.act", "logits"];

interface Seen {
  values: Float32Array;
  extent: Range | undefined;
}

/** Observers that write down what they are shown. */
function recorders(): { observers: Map<string, RangeObserver>; seen: Map<string, Seen[]> } {
  const seen = new Map(values.map((value): [string, Seen[]] => [value, []]));
  const observers = values.map((value): [string, RangeObserver] => {
    const inner = createObserver("minmax");
    return [
      value,
      {
        observe: (shown, extent) => {
          seen.get(value)!.push({ values: shown.slice(), extent });
          inner.observe(shown, extent);
        },
        range: () => inner.range(),
        toJSON: () => inner.toJSON(),
      },
    ];
  });
  return { observers: new Map(observers), seen };
}

/** How far the nearest of ascending values is. */
function nearest(sorted: Float32Array, x: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < x) low = middle + 1;
    else high = middle;
  }
  return Math.min(Math.abs(sorted[low]! - x), Math.abs(sorted[Math.max(0, low - 1)]! - x));
}

/** The runtime, counting sessions that are open. */
function counted(): { runtime: Runtime; open: () => number } {
  let open = 0;
  const runtime: Runtime = {
    load: async (model, choices) => {
      const session = await onnxRuntime.load(model, choices);
      open++;
      const { inputNames, outputNames } = session;
      return {
        inputNames,
        outputNames,
        run: (feeds, outputs) => session.run(feeds, outputs),
        close: async () => {
          open--;
          await session.close();
        },
      };
    },
  };
  return { runtime, open: () => open };
}

/** The network of the tests, its input's height and width left open. */
function openSizes(): Model {
  const model = residualNetwork();
  model.graph.inputs[0]!.shape = ["batch", 3, "height", "width"];
  return model;
}

describe.each<[string, Model]>([
  ["opset 17", residualNetwork(17)],
  ["opset 18", residualNetwork(18)],
  ["open sizes", openSizes()],
])("collectRanges with %s", (_, network) => {
  const model = prepareFloat(network);
  const feeds = noiseImages(3);
  /** What each value truly is, image by image. */
  const truth: Map<string, Float32Array>[] = [];
  beforeAll(async () => {
    const probed = cloneModel(model);
    for (const value of values.slice(1)) if (!probed.graph.isOutput(value)) addOutput(probed, value);
    const session = await onnxRuntime.load(encodeModel(probed), { optimise: "none" });
    for (const feed of feeds) {
      const results: Record<string, RuntimeTensor> = { ...(await session.run(feed)), ...feed };
      truth.push(new Map(values.map((value) => [value, results[value]!.data as Float32Array])));
    }
    await session.close();
  });

  it.each(["both", "samples"] as const)("shows values themselves, image by image: %s", async (look) => {
    const { observers, seen } = recorders();
    expect(await collectRanges(model, observers, look, { runtime: onnxRuntime, feeds, samplesPerImage: 500 })).toBe(3);
    for (const value of values) {
      expect(seen.get(value)!).toHaveLength(3);
      for (const [image, { values: sample, extent }] of seen.get(value)!.entries()) {
        const all = truth[image]!.get(value)!;
        if (look === "samples") expect(extent).toBeUndefined();
        else {
          expect(extent!.min).toBeCloseTo(Math.min(...all), 5);
          expect(extent!.max).toBeCloseTo(Math.max(...all), 5);
        }
        expect(sample.length, value).toBeGreaterThan(100);
        expect(sample.length, value).toBeLessThanOrEqual(600);
        // Each is one of the value's own, and as many are large as are among all.
        const sorted = Float32Array.from(all).sort();
        for (const x of sample) expect(nearest(sorted, x), value).toBeLessThan(1e-4);
        const median = sorted[sorted.length >> 1]!;
        const above = sample.reduce((count, x) => count + (x > median ? 1 : 0), 0) / sample.length;
        const share = all.reduce((count, x) => count + (x > median ? 1 : 0), 0) / all.length;
        expect(Math.abs(above - share), value).toBeLessThan(0.15);
      }
    }
  });

  it("shows the extent alone where no sample is wanted, and gives what min-max observers make of all values", async () => {
    const { observers, seen } = recorders();
    await collectRanges(model, observers, "extents", { runtime: onnxRuntime, feeds });
    for (const value of values) {
      expect(seen.get(value)!.every(({ values: shown }) => shown.length === 2)).toBe(true);
      const { min, max } = observers.get(value)!.range();
      expect(min).toBeCloseTo(Math.min(...truth.flatMap((image) => [...image.get(value)!])), 5);
      expect(max).toBeCloseTo(Math.max(...truth.flatMap((image) => [...image.get(value)!])), 5);
    }
  });
});

describe("collectRanges", () => {
  const model = prepareFloat(residualNetwork());

  it("asks for one image at a time and tells how far it is", async () => {
    const { observers, seen } = recorders();
    const events: string[] = [];
    async function* lazily() {
      for (const [at, feed] of noiseImages(3).entries()) {
        events.push(`image ${at}, ${seen.get("cat")!.length} observed`);
        yield feed;
      }
    }
    await collectRanges(model, observers, "extents", {
      runtime: onnxRuntime,
      feeds: lazily(),
      onImage: (done) => events.push(`done ${done}`),
    });
    expect(events).toEqual(["image 0, 0 observed", "done 1", "image 1, 1 observed", "done 2", "image 2, 2 observed", "done 3"]);
  });

  it("counts images, and runs nothing, where there is nothing to observe", async () => {
    const { runtime, open } = counted();
    const never = {
      load: () => {
        throw new Error("nothing to look at");
      },
    };
    expect(await collectRanges(model, new Map(), "both", { runtime: never, feeds: noiseImages(2) })).toBe(2);
    await expect(collectRanges(model, new Map(), "both", { runtime, feeds: [] })).rejects.toMatchObject({ code: "CALIBRATION_EMPTY" });
    expect(open()).toBe(0);
  });

  it("leaves the model as it was", async () => {
    const before = encodeModel(model);
    await collectRanges(model, recorders().observers, "both", { runtime: onnxRuntime, feeds: noiseImages(1) });
    expect(Buffer.compare(encodeModel(model), before)).toBe(0);
  });

  it.each<[string, Parameters<typeof collectRanges>[3], object]>([
    ["no image", { runtime: onnxRuntime, feeds: [] }, { code: "CALIBRATION_EMPTY" }],
    ["images of another size", { runtime: onnxRuntime, feeds: noiseImages(1, 3, 4) }, { code: "INFERENCE_FAILED" }],
    [
      "a cancelled run",
      { runtime: onnxRuntime, feeds: noiseImages(1), signal: AbortSignal.abort(new Error("cancelled")) },
      { message: "cancelled" },
    ],
  ])("fails on %s, and leaves no session open", async (_, options, error) => {
    const { runtime, open } = counted();
    await expect(collectRanges(model, recorders().observers, "extents", { ...options, runtime })).rejects.toMatchObject(error);
    expect(open()).toBe(0);
  });
});
