import { mkdir } from "node:fs/promises";
import path from "node:path";
import { dropInitializerInputs } from "../passes/initializer-inputs.ts";
import { takeBytes } from "../passes/take-bytes.ts";
import { modelPrecision } from "../stats/model-precision.ts";
import { readModelFile, writeModelFile } from "./model-file.ts";

type Precision = ReturnType<typeof modelPrecision>;

/** Where a graph that takes bytes gains by a quarter of the traffic to a GPU. WebGPU has no 8 bit integers. */
const onGpu: ReadonlySet<string> = new Set(["cuda", "tensorrt"]);
/** Whether the graph does something in passing that costs a loop over all pixels outside of it. */
const gainsByBytes = ({ mean, scale }: { mean: number; scale: number }): boolean => mean !== 0 || scale !== 1;

/**
 * Writes the form of a detector that takes bytes, and whose weights are nobody's to replace, so that all of it can be folded.
 * @param input of the image: (byte − mean) · scale is what the model was made for
 * @returns the precision of its products, such as `int8`
 * @throws AppError MODEL_INVALID, MODEL_UNSUPPORTED where it has no such form
 */
export async function writeBytesForm(
  file: string,
  to: string,
  { name, mean, scale }: { name: string; mean: number; scale: number },
): Promise<Precision> {
  const model = await readModelFile(file);
  const precision = modelPrecision(model);
  dropInitializerInputs()(model);
  takeBytes({ input: name, mean, scale })(model);
  await mkdir(path.dirname(to), { recursive: true });
  await writeModelFile(model, to);
  return precision;
}

/**
 * The form that a detector is run in. On a GPU, and on a CPU where this gains anything, that is the one that takes bytes: a
 * matter of speed alone, so that a model that has no such form, or whose form cannot be written, runs as it is.
 * @param provider of ONNX Runtime, such as `cpu`
 * @param to where the other form is written
 * @returns what a session is to load and how it is fed, the precision of the model's products where a provider has to be told, and
 * why it is not the faster form where that failed
 */
export async function chooseForm<Input extends { name: string; mean: number; scale: number }>(
  provider: string,
  file: string,
  to: string,
  input: Input,
): Promise<{ modelPath: string; input: Input & { takesBytes?: boolean }; precision?: Precision; refusal: unknown }> {
  const asItIs = { modelPath: file, input, refusal: null };
  if (!onGpu.has(provider) && (provider !== "cpu" || !gainsByBytes(input))) return asItIs;
  try {
    const precision = await writeBytesForm(file, to, input);
    return { modelPath: to, input: { ...input, takesBytes: true }, ...(onGpu.has(provider) ? { precision } : {}), refusal: null };
  } catch (refusal) {
    if (!onGpu.has(provider)) return { ...asItIs, refusal };
    return { ...asItIs, precision: modelPrecision(await readModelFile(file)), refusal };
  }
}
