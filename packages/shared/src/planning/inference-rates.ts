import { AppError } from "../errors.ts";
import type { DetectorCost } from "./detector-catalogue.ts";
import { detectorById } from "./detector-catalogue.ts";
import { estimated, type Figure, measured, published } from "./figure.ts";
import type { Fleet } from "./fleet.ts";
import type { Gpu } from "./gpu.ts";
import { gpuById, oneOf } from "./gpu-catalogue.ts";
import type { Precision } from "./precision.ts";
import { REFERENCE_FROM, referenceGpu, referenceModel, referenceRuns } from "./reference-runs.ts";

/** Frames/s of one device. */
export interface InferenceRates {
  /** Full batches and nothing else: what a run takes. */
  engine: Figure;
  /** In a pipeline, decoding and post-processing beside it: what streams can be promised. */
  sustained: Figure;
}

/** Share of the dense peak that the published run reached; the same share is taken for other GPUs and models. */
function efficiency(rate: "engineFps" | "sustainedFps", precision: Precision): number {
  const peak = gpuById(referenceGpu).peak![precision].value;
  return (referenceRuns[precision][rate] * detectorById(referenceModel).operations.value) / peak;
}

/**
 * What is measured wins over what is published, that over an estimate: dense peak × the published run's efficiency ÷
 * the model's operations.
 * @throws AppError UNSUPPORTED where only a measurement could tell and there is none
 */
export function inferenceRates(gpu: Gpu, model: DetectorCost, precision: Precision, fleet: Fleet): InferenceRates {
  const known = catalogueRates(gpu, model, precision);
  const run = fleet.inference.find((each) => each.model === model.id && each.precision === precision);
  if (run) {
    const sustained = measured(run.framesPerSecond, run.from);
    // Batches alone are never slower than the whole pipeline.
    return { engine: known && known.engine.value > sustained.value ? known.engine : sustained, sustained };
  }
  if (known) return known;
  throw new AppError("UNSUPPORTED", `${model.name} was not measured in ${precision.toUpperCase()} on ${oneOf(gpu)}`, {
    hint: "Measure it with `octet bench`, and give the rate.",
  });
}

function catalogueRates(gpu: Gpu, model: DetectorCost, precision: Precision): InferenceRates | null {
  if (!gpu.peak) return null;
  if (gpu.id === referenceGpu && model.id === referenceModel) {
    const { engineFps, sustainedFps } = referenceRuns[precision];
    return { engine: published(engineFps, REFERENCE_FROM), sustained: published(sustainedFps, REFERENCE_FROM) };
  }
  const perOperation = (gpu.peak[precision].value * model.efficiency.value) / model.operations.value;
  const rate = (name: "engineFps" | "sustainedFps"): Figure =>
    estimated(perOperation * efficiency(name, precision), `peak and operations at the efficiency of: ${REFERENCE_FROM}`);
  return { engine: rate("engineFps"), sustained: rate("sustainedFps") };
}
