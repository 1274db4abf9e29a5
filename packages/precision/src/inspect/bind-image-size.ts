import type { Model } from "@octet/onnx/ir/model";
import type { ModelSignature } from "@octet/vision/models/family";
import { imageInput } from "@octet/vision/models/image-input";

/** Fixes the size of the image that a model takes, where it is open, to what it would be fed; null where it is not. */
export function bindImageSize({ graph }: Model, signature: ModelSignature): { width: number; height: number } | null {
  const image = imageInput(signature);
  const input = graph.inputs.find(({ name }) => typeof image !== "string" && name === image.name);
  if (typeof image === "string" || !input?.shape || input.shape.slice(2).every((side) => typeof side === "number")) return null;
  const { width, height } = image;
  input.shape = [1, 3, height, width];
  return { width, height };
}
