import path from "node:path";
import { AppError } from "@octet/shared/errors";
import { detectorIds } from "@octet/shared/planning/detector-catalogue";
import type { OwnModel } from "@octet/shared/planning/own-model";
import type { CommandContext } from "../context.ts";
import { openPlace, type PlaceOptions } from "../place/open-place.ts";

/**
 * The model that `--model` names, beside the catalogue's: an ONNX file, `default`, or one of the server or workspace; null
 * for one of the catalogue.
 * @throws AppError NOT_FOUND, MODEL_NOT_FOUND, MODEL_INVALID, MODEL_UNSUPPORTED
 */
export async function plannedModel(context: CommandContext, text: string, options: PlaceOptions): Promise<OwnModel | null> {
  if (detectorIds.includes(text)) return null;
  if (text === "default") {
    const { defaultModelPath } = await import("@octet/inference/builtin-models");
    return countedFile(defaultModelPath());
  }
  if (/\.onnx$/i.test(text) || /[/\\]/.test(text)) return countedFile(text);
  return storedModel(context, text, options);
}

async function countedFile(file: string, name = path.basename(file).replace(/\.onnx$/i, "")): Promise<OwnModel> {
  const [{ inspectModel }, { costOfStats }, { imageInput }] = await Promise.all([
    import("@octet/precision/inspect/inspect-model"),
    import("@octet/precision/inspect/model-cost"),
    import("@octet/vision/models/image-input"),
  ]);
  const { stats, sha256, ...signature } = await inspectModel(file);
  const input = imageInput(signature);
  if (typeof input === "string")
    throw new AppError("MODEL_UNSUPPORTED", `${name} cannot be planned: ${input}`, { hint: "Plan a detector that takes one image." });
  const cost = costOfStats(stats);
  if (!cost)
    throw new AppError("MODEL_UNSUPPORTED", `${name} does not tell the sizes of its layers, so that what they compute is not known`, {
      hint: "`octet inspect` shows what is known. Export it with a fixed input size.",
    });
  return { id: sha256, name, input: { width: input.width, height: input.height }, cost };
}

async function storedModel(context: CommandContext, text: string, options: PlaceOptions): Promise<OwnModel> {
  const place = await openPlace(context, options);
  try {
    if (place.kind === "workspace") {
      const { findLocalModel, localModelFile } = await import("@octet/precision/workspace/model-store");
      const { sha256, name } = await findLocalModel(place.folder, text);
      return await countedFile(localModelFile(place.folder, sha256), name);
    }
    const { findModel } = await import("../server/models.ts");
    const { sha256, name, inputWidth, inputHeight, cost } = await findModel(place.api, text);
    if (cost) return { id: sha256, name, input: { width: inputWidth, height: inputHeight }, cost };
    throw new AppError("MODEL_UNSUPPORTED", `${name} was not counted on ${place.url}`, {
      hint: "Have it counted on the page Planner, or give its file: --model FILE.onnx.",
    });
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "NOT_FOUND") throw error;
    throw new AppError("NOT_FOUND", error.message, {
      hint: `${error.hint ?? ""} The planner's catalogue has: ${detectorIds.join(", ")}. An ONNX file does too.`.trim(),
      cause: error,
    });
  }
}
