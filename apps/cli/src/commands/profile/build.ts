import { calibrationMethodSchema, quantizationTargetSchema } from "@octet/shared/domain/profile";
import { type Command, Option } from "commander";
import type { CommandContext } from "../../context.ts";
import { frameSize, numberBetween, weightBitsChoices } from "../../options.ts";
import { withWorker } from "../../place/on-worker.ts";
import { openPlace, type PlaceOptions, withWait } from "../../place/open-place.ts";
import type { BuildCommandOptions } from "../../profile/build-profile.ts";

/** `octet profile build MODEL --precision fp16|int8-ptq` */
export function addProfileBuild(profile: Command, context: CommandContext): void {
  withWorker(withWait(profile.command("build").description("Make a profile of a model: FP16, or INT8 by calibration")))
    .argument("<model>", "its name, id or sha256 (`octet models list`)")
    .addOption(new Option("--precision <precision>", "int8-ptq needs --calibration").choices(["fp16", "int8-ptq"]).makeOptionMandatory())
    .option("--name <name>", "of the profile (made of the model's and the precision, unless given)")
    .option(
      "--calibration <dataset>",
      "a calibration set: NAME, or NAME@2 for a version that is not the newest; with one, fp16 keeps in float32 what leaves its range",
    )
    .addOption(new Option("--target <runtime>", "what will run it").choices(quantizationTargetSchema.options).default("onnxruntime"))
    .addOption(
      new Option("--method <name>", "how ranges are chosen (the one with least error at the heads, unless given)").choices(
        calibrationMethodSchema.options,
      ),
    )
    .addOption(
      new Option("--refine <how>", "what is done about rounding errors")
        .choices(["none", "bias", "adaround", "feedback"])
        .default("feedback"),
    )
    .addOption(
      new Option("--weight-bits <bits>", "auto: paired where the kernels of the building host saturate with 8")
        .choices(weightBitsChoices)
        .default("auto"),
    )
    .addOption(
      new Option("--mixed-precision <mode>", "auto: sensitive layers stay float until the error at the heads is small enough")
        .choices(["off", "auto"])
        .default("auto"),
    )
    .addOption(
      new Option("--heads <precision>", "the last convolutions: 8 bits cost most detectors their scores")
        .choices(["float", "int8"])
        .default("float"),
    )
    .option("--decode-size <size>", "largest pictures that its cameras are to be decoded at, such as 960x540", frameSize)
    .option("--no-host-latency", "quantise layers too that the building host runs faster in float (onnxruntime)")
    .option(
      "--max-latency <ms>",
      "one image on one thread of the building host: as accurate as fits into that (onnxruntime)",
      numberBetween(0.001, 60_000),
    )
    .option("--samples <number>", "so many calibration images, evenly spread", numberBetween(1, 10_000, { whole: true }), 1000)
    .action(
      context.action(async (model: string, options: BuildCommandOptions & PlaceOptions) => {
        const { runBuild } = await import("../../profile/build-profile.ts");
        return runBuild(context, await openPlace(context, options), model, options);
      }),
    );
}
