import type { ModelSignature } from "./family.ts";

export interface ImageInput {
  name: string;
  width: number;
  height: number;
  maxBatch: number | null;
}

const DEFAULT_SIDE = 640;

/**
 * The one NCHW float32 image that a model takes, or the reason why it takes no such thing.
 * A width or height that is not fixed becomes 640, the size that these families were trained at.
 */
export function imageInput(signature: ModelSignature): ImageInput | string {
  const [input, ...more] = signature.inputs;
  if (!input) return "it has no input";
  if (more.length > 0) return `it has ${signature.inputs.length} inputs, not one image`;
  if (input.type !== "float32") return `its input is ${input.type}, not float32`;
  if (input.shape.length !== 4) return `its input has ${input.shape.length} dimensions, not N×3×H×W`;
  const [batch, channels, height, width] = input.shape;
  if (typeof channels === "number" && channels !== 3) {
    return width === 3 ? "its input is N×H×W×3, not N×3×H×W" : `its input has ${channels} channels, not 3`;
  }
  const side = (value: number | string | null | undefined) => (typeof value === "number" && value > 0 ? value : DEFAULT_SIDE);
  return {
    name: input.name,
    width: side(width),
    height: side(height),
    maxBatch: typeof batch === "number" && batch > 0 ? batch : null,
  };
}
