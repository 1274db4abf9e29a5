import { defaultModelPath } from "@octet/inference/builtin-models";
import type { Command } from "commander";
import type { CommandContext } from "../context.ts";
import { inspectModel } from "../inspect/inspect-model.ts";
import { inspectionText } from "../inspect/report.ts";
import { exitCodes } from "../output/output.ts";

/** `octet inspect MODEL`: what a model file is made of, without running it. */
export function addInspect(program: Command, context: CommandContext): void {
  program
    .command("inspect")
    .description("What a model takes, gives, weighs and computes in")
    .argument("<model>", "path of an ONNX model, or `default`")
    .option("--json", "one JSON document on stdout")
    .action(
      context.action(async (model: string) => {
        const inspection = await inspectModel(model === "default" ? defaultModelPath() : model);
        context.output.result(inspection, () => inspectionText(inspection));
        return exitCodes.done;
      }),
    );
}
