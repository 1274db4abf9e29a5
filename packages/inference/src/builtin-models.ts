import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { AppError } from "@octet/shared/errors";

/** The model that runs when none is chosen: RetinaFace mnet.25, from the npm package `retinaface`. */
export const defaultModelName = "mnet.25_v2";

/**
 * Path of the default model.
 * @throws AppError MODEL_NOT_FOUND where the package is not installed
 */
export function defaultModelPath(): string {
  const hint = "Run `npm install` in Octet's folder: the model comes with the npm package retinaface.";
  try {
    const path = join(dirname(createRequire(import.meta.url).resolve("retinaface/package.json")), `${defaultModelName}.onnx`);
    if (existsSync(path)) return path;
  } catch (error) {
    throw new AppError("MODEL_NOT_FOUND", "The default model is not installed", { hint, cause: error });
  }
  throw new AppError("MODEL_NOT_FOUND", `The package retinaface is installed, but without ${defaultModelName}.onnx`, { hint });
}
