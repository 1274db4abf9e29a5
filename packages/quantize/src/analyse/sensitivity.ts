import type { Model } from "@octet/onnx/ir/model";
import { AppError } from "@octet/shared/errors";
import { type Calibration, type Feeds, type QuantizeOptions, quantizeCalibrated } from "../int8/quantize-model.ts";
import { onlyLayers } from "../refine/reconstruct.ts";
import type { Runtime } from "../runtime.ts";
import { floatReference, headError, headValues } from "./head-error.ts";
import { keepGroupsFloat, type QuantizerGroup, quantizerGroups } from "./quantizer-groups.ts";

export interface SensitivityOptions {
  runtime: Runtime;
  feeds: Feeds;
  /** How many images are measured on; 4 to 8 order the groups well. */
  images: number;
  /** Default: all of `quantizerGroups`. */
  groups?: readonly QuantizerGroup[];
  /** How the groups are quantised; groups that `keepFloat` names are left out. */
  options?: QuantizeOptions;
  /** How a variant is held against the float model, dB. Default: SQNR at the raw heads, on `images` of `feeds`. */
  measure?(variant: Model): Promise<number>;
  onGroup?(done: number, total: number): void;
  signal?: AbortSignal;
}

export interface GroupSensitivity {
  group: QuantizerGroup;
  /** dB with this group alone quantised, at the heads or as `measure` has it: low where it hurts. Infinity where nothing changes. */
  sqnrDb: number;
}

/**
 * What each quantiser group alone costs, in the graph's order: the model runs with one group quantised, all else in
 * float, and is held against the float model. One model is built and run for each group.
 * @throws AppError CALIBRATION_EMPTY without images, INFERENCE_FAILED
 */
export async function measureSensitivity(calibration: Calibration, options: SensitivityOptions): Promise<GroupSensitivity[]> {
  const { runtime, feeds, images, options: quantize = {}, onGroup, signal } = options;
  const { prepared, decisions } = calibration;
  const all = quantizerGroups(calibration);
  const isFloat = (group: QuantizerGroup): boolean => group.units.some(({ name }) => quantize.keepFloat?.has(name));
  const groups = (options.groups ?? all).filter((group) => !isFloat(group));
  const measure = options.measure ?? (await atHeads());
  const { refinement, weightBits } = quantize;
  const found: GroupSensitivity[] = [];
  for (const group of groups) {
    signal?.throwIfAborted();
    const names = new Set(group.units.map(({ name }) => name));
    const { model } = quantizeCalibrated(calibration, {
      ...(weightBits ? { weightBits } : {}),
      // What was found for the others, and for the heads, makes up for errors that are not there.
      ...(refinement ? { refinement: onlyLayers(refinement, (name) => names.has(name)) } : {}),
      keepFloat: keepGroupsFloat(
        all.filter(({ units }) => !units.some(({ name }) => names.has(name))),
        all.map(({ name }) => name),
      ),
    });
    found.push({ group, sqnrDb: await measure(model) });
    onGroup?.(found.length, groups.length);
  }
  return found;

  async function atHeads(): Promise<(variant: Model) => Promise<number>> {
    const reference = await floatReference(prepared, { runtime, feeds, images, heads: headValues(prepared, decisions) });
    if (reference.feeds.length === 0)
      throw new AppError("CALIBRATION_EMPTY", "Sensitivity was to be measured on no image", { hint: "Give at least one image." });
    return async (variant) => (await headError(reference, variant, runtime)).sqnrDb;
  }
}
