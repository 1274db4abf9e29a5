import { quantizationTargetSchema } from "@octet/shared/domain/profile";
import { type Command, Option } from "commander";
import type { CommandContext } from "../../context.ts";
import { openPlace, type PlaceOptions, withWait } from "../../place/open-place.ts";
import type { ImportCommandOptions } from "../../profile/build-profile.ts";

/** `octet profile import FILE`: an INT8 model that was trained with quantisation elsewhere. */
export function addProfileImport(profile: Command, context: CommandContext): void {
  withWait(
    profile.command("import").description("Take an INT8 model that was trained with quantisation (Q/DQ pairs) as a profile, and check it"),
  )
    .argument("<file>", "path of an ONNX file")
    .requiredOption("--model <model>", "the float model that it is a form of: name, id or sha256")
    .requiredOption("--name <name>", "of the profile")
    .addOption(
      new Option("--target <runtime>", "what will run it: its rules are checked")
        .choices(quantizationTargetSchema.options)
        .default("onnxruntime"),
    )
    .action(
      context.action(async (file: string, options: ImportCommandOptions & PlaceOptions) => {
        const { runImportProfile } = await import("../../profile/build-profile.ts");
        return runImportProfile(context, await openPlace(context, options), file, options);
      }),
    );
}
