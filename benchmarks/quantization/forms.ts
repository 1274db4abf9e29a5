import { existsSync } from "node:fs";
import { readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { loadModelFile } from "@octet/inference/model-file";
import { convertModel } from "@octet/precision/convert/convert-model";
import { recogniseDetector } from "@octet/vision/models/recognise";
import type { OrtQuantizer } from "../peer/ort-quantizer.ts";
import type { BenchDetector } from "./detectors.ts";
import { writeImageBytes } from "./image-bytes.ts";
import { type QuantizeAnswer, quantizeByCommand } from "./octet-command.ts";

export type FormName = "fp32" | "fp16" | "int8" | "peer int8" | "peer int8, 7-bit weights";

export interface Form {
  form: FormName;
  path: string;
  sizeBytes: number;
  /** Of our INT8: what `octet quantize` chose. */
  quantized: QuantizeAnswer | null;
}

export interface FormOptions {
  /** Folder of the calibration images. */
  calibration: string;
  /** Those of them that are used, evenly spread (`sampleFolder`). */
  images: readonly string[];
  peer: OrtQuantizer | null;
  peerForms: readonly FormName[];
  folder: string;
  say(text: string): void;
}

/** A detector in float32, float16, and INT8 by both tools, calibrated on the same images. What the peer cannot quantise is left out. */
export async function buildForms({ name, path: model }: BenchDetector, options: FormOptions): Promise<Form[]> {
  const { calibration, images, peer, peerForms, folder, say } = options;
  const { input } = recogniseDetector((await loadModelFile(model)).signature);
  const forms: Form[] = [];
  const fileOf = (form: FormName) => path.join(folder, `${name}.${form.replaceAll(/[ ,]+/g, "-")}.onnx`);
  const add = async (form: FormName, file: string, quantized: QuantizeAnswer | null = null) =>
    forms.push({ form, path: file, sizeBytes: (await stat(file)).size, quantized });
  await add("fp32", model);
  await convertModel({ model, out: fileOf("fp16"), keep: [], images: [], onImage: () => {} });
  await add("fp16", fileOf("fp16"));
  const answer = `${fileOf("int8")}.json`;
  if (!existsSync(answer))
    await writeFile(answer, JSON.stringify(await quantizeByCommand(model, calibration, images.length, fileOf("int8"))));
  await add("int8", fileOf("int8"), JSON.parse(await readFile(answer, "utf8")) as QuantizeAnswer);
  if (!peer) return forms;
  const bytes = path.join(folder, `${name}.bin`);
  await writeImageBytes(images, input, bytes);
  for (const form of peerForms) {
    try {
      const reduceRange = form === "peer int8, 7-bit weights";
      if (!existsSync(fileOf(form)))
        await peer.quantize({ model, out: fileOf(form), images: bytes, count: images.length, input, reduceRange });
      await add(form, fileOf(form));
    } catch (error) {
      say(`${name}, ${form}: ${(error as Error).message}`);
    }
  }
  return forms;
}
