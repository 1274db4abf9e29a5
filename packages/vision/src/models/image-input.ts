import type { ModelSignature } from "./family.ts";

export interface ImageInput {
  name: string;
  width: number;
  height: number;
  maxBatch: number | null;
}

const DEFAULT_SIDE = 640;

/** `[480, 640]`, height first: the size that Ultralytics' exporter says a model was trained at. */
function trainedAt({ metadata }: ModelSignature): { width: number; height: number } | null {
  const size = /^\[\s*(\d{2,4})\s*,\s*(\d{2,4})\s*\]$/.exec(metadata?.["imgsz"] ?? "");
  return size ? { height: Number(size[1]), width: Number(size[2]) } : null;
}

/**
 * The one NCHW float32 image that a model takes, or the reason why it takes no such thing.
 * A width or height that is not fixed becomes what the file says it was trained at, else 640, where these families were.
 */
export function imageInput(signature: ModelSignature): ImageInput | string {
  const [input, ...more] = signature.inputs;
  if (!input) return "it has no input";
  if (more.length > 0) return `it has ${signature.inputs.length} inputs, not one image`;
  if (input.type !== "float32") return `its input is ${input.type}, not float32`;
  if (input.shape.length !== 4) return `its input has ${input.shape.length} dimensions, not N×3×H×W`;
  const [batch, channels, height, width] = input.shape;
  if (channels !== 3) {
    if (width === 3) return "its input is N×H×W×3, not N×3×H×W";
    if (typeof channels === "number") return `its input has ${channels} channels, not 3`;
  }
  const trained = trainedAt(signature) ?? { width: DEFAULT_SIDE, height: DEFAULT_SIDE };
  const side = (value: number | string | null | undefined, otherwise: number) =>
    typeof value === "number" && value > 0 ? value : otherwise;
  return {
    name: input.name,
    width: side(width, trained.width),
    height: side(height, trained.height),
    maxBatch: typeof batch === "number" && batch > 0 ? batch : null,
  };
}
