import { type Command, Option } from "commander";
import { providerNames } from "../detect/provider-names.ts";
import { listOfNumbers, numberBetween } from "../options.ts";

/** What a benchmark measures. */
export const withLoad = (command: Command): Command =>
  command
    .option(
      "--streams <number>",
      "measure how many simulated cameras hold their rate; so many are asked for",
      numberBetween(1, 500, { whole: true }),
    )
    .option("--fps <number>", "frames of each that are inferred, a second", numberBetween(0.1, 60), 5)
    .option("--decode", "decode a clip for each stream: one of the media folder, of the profile's decode size", false)
    .option("--clip <file>", "decode this one as it is, on this host")
    .option("--budget <ms>", "99 of 100 frames must take no longer", numberBetween(1, 60_000), 200)
    .option("--soak <seconds>", "let the streams go on for so long, to see whether memory grows", numberBetween(0, 86_400), 10)
    .option("--batch <numbers>", "images a run, such as 1,4", listOfNumbers, [1])
    .option("--seconds <number>", "of measuring each model at each batch", numberBetween(0.2, 60), 2)
    .addOption(new Option("--provider <name>", "execution provider of ONNX Runtime on this host").choices(providerNames))
    .option("--threads <number>", "inference threads on this host (one a core, up to 8)", numberBetween(1, 64, { whole: true }));
