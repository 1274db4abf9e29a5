import { defaultModelPath } from "@octet/inference/builtin-models";
import type { CommandContext } from "../context.ts";
import { exitCodes } from "../output/output.ts";
import { inspectModel } from "@octet/precision/inspect/inspect-model";
import { inspectionText } from "./report.ts";

/** `octet inspect`. */
export async function runInspect({ output }: CommandContext, model: string): Promise<number> {
  const inspection = await inspectModel(model === "default" ? defaultModelPath() : model);
  output.result(inspection, () => inspectionText(inspection));
  return exitCodes.done;
}
