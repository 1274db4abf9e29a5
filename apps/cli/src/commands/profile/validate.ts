import { type Command, Option } from "commander";
import type { CommandContext } from "../../context.ts";
import { providerNames } from "../../detect/provider-names.ts";
import { numberBetween } from "../../options.ts";
import { withWorker } from "../../place/on-worker.ts";
import { openPlace, type PlaceOptions, withWait } from "../../place/open-place.ts";
import type { ValidateProfileOptions } from "../../profile/validate-profile.ts";

/** `octet profile validate PROFILE --dataset NAME` */
export function addProfileValidate(profile: Command, context: CommandContext): void {
  withWorker(withWait(profile.command("validate").description("Measure a profile's accuracy against its FP32 model on a data set")))
    .argument("<profile>", "its name or id")
    .requiredOption("--dataset <dataset>", "NAME, or NAME@2; one without labels is labelled by the FP32 model (pseudo-labels)")
    .option("--threshold <score>", "at which precision, recall and false positives are counted", numberBetween(0, 1), 0.5)
    .addOption(new Option("--provider <name>", "execution provider of ONNX Runtime on this host").choices(providerNames).default("cpu"))
    .option("--threads <number>", "inference threads on this host (one a core, up to 4)", numberBetween(1, 64, { whole: true }))
    .action(
      context.action(async (name: string, options: ValidateProfileOptions & PlaceOptions) => {
        const { runValidateProfile } = await import("../../profile/validate-profile.ts");
        return runValidateProfile(context, await openPlace(context, options), name, options);
      }),
    );
}
