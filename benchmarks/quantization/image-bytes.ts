import { open } from "node:fs/promises";
import { bytesToFloat } from "@octet/inference/bytes-to-float";
import { prepareImage } from "@octet/precision/validate/prepared-images";
import type { RuntimeTensor } from "@octet/quantize/runtime";
import type { InputSpec } from "@octet/vision/models/family";

/** Writes images as a model takes them, one after the other: N×3×H×W bytes, which both tools read. */
export async function writeImageBytes(images: readonly string[], input: InputSpec, file: string): Promise<void> {
  await using handle = await open(file, "w");
  for (const image of images) await handle.write((await prepareImage(image, input)).bytes);
}

/** The first `count` images of such a file as model inputs, one at a time in memory. */
export async function* feedsOfBytes(file: string, count: number, input: InputSpec): AsyncGenerator<Record<string, RuntimeTensor>> {
  const { name, width, height, mean, scale } = input;
  await using handle = await open(file, "r");
  const bytes = new Uint8Array(3 * height * width);
  for (let index = 0; index < count; index++) {
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, index * bytes.length);
    if (bytesRead !== bytes.length) throw new Error(`${file} holds fewer than ${count} images`);
    const data = new Float32Array(bytes.length);
    bytesToFloat(bytes, data, 0, mean, scale);
    yield { [name]: { dims: [1, 3, height, width], data } };
  }
}
