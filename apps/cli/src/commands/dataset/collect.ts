import { type Command, Option } from "commander";
import type { CommandContext } from "../../context.ts";
import type { CollectOptions } from "../../dataset/run-collect.ts";
import { collect, numberBetween } from "../../options.ts";
import { openPlace, type PlaceOptions, withWait } from "../../place/open-place.ts";

/** `octet dataset collect`: frames of cameras, or of streams and videos, for a calibration set. */
export function addDatasetCollect(dataset: Command, context: CommandContext): void {
  withWait(
    dataset.command("collect").description("Collect frames for a calibration set; those that look like one that is kept are left out"),
  )
    .requiredOption("--name <name>", "of the data set; one that is there gets another version")
    .option("--camera <camera>", "of a server: its name or id; may be given several times", collect)
    .option("--url <url>", "of a workspace: a camera's URL, or the path of a video; may be given several times", collect)
    .option("--every <seconds>", "a frame of each, every so many", numberBetween(0.2, 3600), 5)
    .option("--for <seconds>", "for so long (of a video: of its own time)", numberBetween(1, 7 * 86_400), 600)
    .option("--max <images>", "end with so many", numberBetween(1, 20_000, { whole: true }), 1000)
    .addOption(new Option("--faces <which>", "frames with detections, without, or any").choices(["any", "with", "without"]).default("any"))
    .option("--spread-light", "to the end of the time, with frames of rare light in the place of those of common light")
    .option("--min-distance <bits>", "of 64 bits in which the looks of two frames must differ", numberBetween(0, 64, { whole: true }), 5)
    .addOption(new Option("--transport <kind>", "of RTSP, with --url").choices(["tcp", "udp"]).default("tcp"))
    .option("--model <model>", "that detects, with --url: path of an ONNX detector, or `default`", "default")
    .action(
      context.action(async (options: CollectOptions & PlaceOptions) => {
        const { runCollect } = await import("../../dataset/run-collect.ts");
        return runCollect(context, await openPlace(context, options), options);
      }),
    );
}
