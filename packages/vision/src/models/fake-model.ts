import type { DetectorFamily, DetectorSpec, ModelSignature, OutputTensor } from "./family.ts";
import { imageInput } from "./image-input.ts";

/** For tests: a signature whose outputs have these dimensions, in order; a string dimension is a symbol. */
export function signatureOf(input: (number | string)[], outputs: Readonly<Record<string, readonly (number | string)[]>>): ModelSignature {
  return {
    inputs: [{ name: "image", type: "float32", shape: input }],
    outputs: Object.entries(outputs).map(([name, shape]) => ({ name, type: "float32", shape: [...shape] })),
  };
}

/** For tests: what a family makes of a model that takes an image. */
export function matchFamily(family: DetectorFamily, signature: ModelSignature): DetectorSpec | string {
  const image = imageInput(signature);
  return typeof image === "string" ? image : family.match(signature, image);
}

/** For tests: outputs of these dimensions, filled with `value`. */
export function filled(dimensions: Readonly<Record<string, readonly number[]>>, value: number): Record<string, OutputTensor> {
  return Object.fromEntries(
    Object.entries(dimensions).map(([name, dims]) => [
      name,
      { dims, data: new Float32Array(dims.reduce((product, dimension) => product * dimension, 1)).fill(value) },
    ]),
  );
}
