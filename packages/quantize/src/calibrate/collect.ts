import { cloneModel } from "@octet/onnx/io/clone-model";
import { encodeModel } from "@octet/onnx/io/encode-model";
import type { Model } from "@octet/onnx/ir/model";
import type { Runtime, RuntimeSession, RuntimeTensor } from "../runtime.ts";
import { type Look, Probes } from "./probes.ts";
import { emptyCalibration, type RangeObserver } from "./range-observer.ts";
import { shapesFor } from "./value-shapes.ts";

export interface CollectOptions {
  runtime: Runtime;
  /** Model inputs, one set a run; may be made lazily, so that only one is in memory. */
  feeds: AsyncIterable<Readonly<Record<string, RuntimeTensor>>> | Iterable<Readonly<Record<string, RuntimeTensor>>>;
  /** Values of each image that a histogram counts, about. Default 65,536. */
  samplesPerImage?: number;
  onImage?(done: number): void;
  signal?: AbortSignal;
}

/**
 * Lets observers see what values of the model take while it runs over images. Extents and samples are taken inside the
 * graph, so that neither the activations themselves nor anything that grows with the number of images reaches
 * JavaScript.
 * @returns images seen
 * @throws AppError CALIBRATION_EMPTY without images, INFERENCE_FAILED
 */
export async function collectRanges(
  model: Model,
  observers: ReadonlyMap<string, RangeObserver>,
  look: Look,
  { runtime, feeds, samplesPerImage = 65_536, onImage, signal }: CollectOptions,
): Promise<number> {
  let running: { session: RuntimeSession; probes: Probes } | null = null;
  let images = 0;
  try {
    for await (const feed of feeds) {
      if (signal?.aborted) throw signal.reason;
      if (observers.size > 0 && !running) {
        const probed = cloneModel(model);
        const probes = Probes.addTo(probed, [...observers.keys()].reverse(), look, samplesPerImage, shapesFor(model, feed));
        running = { session: await runtime.load(encodeModel(probed), { optimise: "all" }), probes };
      }
      if (running) {
        const { session, probes } = running;
        for (const { value, values, extent } of probes.read(await session.run(feed, probes.outputs)))
          observers.get(value)!.observe(values, extent ?? undefined);
      }
      images++;
      onImage?.(images);
    }
  } finally {
    await running?.session.close();
  }
  if (images === 0) throw emptyCalibration();
  return images;
}
