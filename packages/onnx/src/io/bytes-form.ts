import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { Model } from "../ir/model.ts";
import { dropInitializerInputs } from "../passes/initializer-inputs.ts";
import { makeBatchSymbolic } from "../passes/make-batch-symbolic.ts";
import { takeBytes } from "../passes/take-bytes.ts";
import { modelPrecision } from "../stats/model-precision.ts";
import { readModelFile, writeModelFile } from "./model-file.ts";

type Precision = ReturnType<typeof modelPrecision>;

const BATCH = "batch";
/** Where a graph that takes bytes gains by a quarter of the traffic to a GPU. WebGPU has no 8 bit integers. */
const onGpu: ReadonlySet<string> = new Set(["cuda", "tensorrt"]);
/** Whether the graph does something in passing that costs a loop over all pixels outside of it. Integers as they are save one anyway. */
const gainsByBytes = ({ mean, scale }: { mean: number; scale: number }): boolean => mean !== 0 || scale !== 1;

/**
 * The form of a detector that takes bytes, and whose weights are nobody's to replace, so that all of it can be folded.
 * @param input of the image: (byte − mean) · scale is what the model was made for
 * @returns with `asTheyAre` where it makes no floats of them, and `freed` where weights were listed as inputs before: no runtime
 * folds or fuses those, so that the file as it is may take twice the time
 * @throws AppError MODEL_INVALID, MODEL_UNSUPPORTED where it has no such form
 */
async function bytesForm(
  file: string,
  { name, mean, scale }: { name: string; mean: number; scale: number },
): Promise<{ model: Model; asTheyAre: boolean; freed: boolean }> {
  const model = await readModelFile(file);
  const freed = dropInitializerInputs()(model) > 0;
  return { model, asTheyAre: takeBytes({ input: name, mean, scale })(model), freed };
}

/** Frees a batch that was exported as 1. @returns whether the model takes any number of images now, and gives as many results */
function freeBatch(model: Model): boolean {
  try {
    makeBatchSymbolic({ name: BATCH })(model);
  } catch {
    return false;
  }
  return model.graph.outputs.every(({ shape }) => shape?.[0] === BATCH);
}

/**
 * The form that a detector is run in. On a GPU, and on a CPU where this gains anything, that is the one that takes bytes: a
 * matter of speed alone, so that a model that has no such form, or whose form cannot be written, runs as it is. For a GPU a batch that
 * was exported as 1 is made free too, where it can be.
 * @param provider of ONNX Runtime, such as `cpu`
 * @param to where the other form is written
 * @returns what a session is to load and how it is fed; whether it takes any batch although the file said 1; the precision of the
 * model's products where a provider has to be told; and why it is not the faster form where that failed
 */
export async function chooseForm<Input extends { name: string; mean: number; scale: number }>(
  provider: string,
  file: string,
  to: string,
  input: Input,
): Promise<{ modelPath: string; input: Input & { takesBytes?: boolean }; anyBatch: boolean; precision?: Precision; refusal: unknown }> {
  const gpu = onGpu.has(provider);
  const asItIs = { modelPath: file, input, anyBatch: false, refusal: null };
  if (!gpu && provider !== "cpu") return asItIs;
  const precision = gpu ? { precision: modelPrecision(await readModelFile(file)) } : {};
  try {
    const { model, asTheyAre, freed } = await bytesForm(file, input);
    if (!gpu && !asTheyAre && !freed && !gainsByBytes(input)) return asItIs;
    const anyBatch = gpu && freeBatch(model);
    await mkdir(path.dirname(to), { recursive: true });
    await writeModelFile(model, to);
    return { modelPath: to, input: { ...input, takesBytes: true }, anyBatch, ...precision, refusal: null };
  } catch (refusal) {
    return { ...asItIs, ...precision, refusal: gpu || gainsByBytes(input) ? refusal : null };
  }
}
