import type { Command } from "commander";
import type { CommandContext } from "../../context.ts";
import type { AddModelOptions } from "../../models/add-model.ts";
import { openPlace, type PlaceOptions, withWait } from "../../place/open-place.ts";

/** `octet models add FILE`: checked and recognised; its FP32 profile is there at once. */
export function addModelsAdd(models: Command, context: CommandContext): void {
  withWait(models.command("add").description("Add an ONNX detector: it is checked and recognised, and gets its FP32 profile"))
    .argument("<file>", "path of an ONNX file, or `default`")
    .option("--name <name>", "what people call it (the file's name, unless given)")
    .option("--licence <name>", "such as MIT; of a known file what Octet knows counts", "")
    .option("--origin <text>", "where it comes from", "")
    .option("--notes <text>", "for people", "")
    .action(
      context.action(async (file: string, options: AddModelOptions & PlaceOptions) => {
        const { addModel } = await import("../../models/add-model.ts");
        return addModel(context, await openPlace(context, options), file, options);
      }),
    );
}
