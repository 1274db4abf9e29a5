import { bytesToFloat } from "@octet/inference/bytes-to-float";
import { onnxRuntime } from "@octet/inference/onnx-runtime";
import type { Model } from "@octet/onnx/ir/model";
import { inferValues } from "@octet/onnx/ops/infer-shapes";
import { constantOf } from "@octet/onnx/passes/constants-of";
import { collectRanges } from "@octet/quantize/calibrate/collect";
import { createObserver } from "@octet/quantize/calibrate/observers";
import type { Range } from "@octet/quantize/calibrate/range-observer";
import type { RuntimeTensor } from "@octet/quantize/runtime";
import type { InputSpec } from "@octet/vision/models/family";
import { prepareImage } from "../validate/prepared-images.ts";

/**
 * What each float32 value of the model takes, smallest and largest, over images. A value that was infinite or NaN on any
 * of them has no bounds.
 * @throws AppError DATASET_INVALID where an image cannot be decoded, INFERENCE_FAILED
 */
export async function observeRanges(
  model: Model,
  input: InputSpec,
  images: readonly string[],
  onImage: (done: number) => void,
): Promise<Map<string, Range>> {
  const observers = new Map(floatValues(model).map((value) => [value, createObserver("minmax")]));
  await collectRanges(model, observers, "extents", { runtime: onnxRuntime, feeds: feedsOf(images, input), onImage });
  return new Map(
    [...observers].map(([value, observer]) => {
      const range = finiteRange(() => observer.toJSON());
      return [value, range ?? { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY }];
    }),
  );
}

/** Model inputs of one image each, made when they are asked for. */
export async function* feedsOf(images: readonly string[], input: InputSpec): AsyncGenerator<Record<string, RuntimeTensor>> {
  const { name, width, height, mean, scale } = input;
  for (const image of images) {
    const { bytes } = await prepareImage(image, input);
    const data = new Float32Array(bytes.length);
    bytesToFloat(bytes, data, 0, mean, scale);
    yield { [name]: { dims: [1, 3, height, width], data } };
  }
}

function floatValues(model: Model): string[] {
  const { graph } = model;
  const states = inferValues(model);
  const names = [...graph.inputs.map(({ name }) => name), ...graph.nodes.flatMap(({ outputs }) => outputs)];
  return names.filter((name) => {
    const state = states.get(name);
    // An empty value has neither a smallest nor a largest element.
    return state?.dataType === "float32" && !constantOf(graph, name) && !graph.initializers.has(name) && !state.shape?.includes(0);
  });
}

/** Null where nothing finite was seen, or something that was not. */
function finiteRange(report: () => { nonFinite: number; observed: Range }): Range | null {
  try {
    const { nonFinite, observed } = report();
    return nonFinite === 0 ? observed : null;
  } catch {
    return null;
  }
}
