import { type Command, Option } from "commander";
import type { CommandContext } from "../context.ts";
import { LIVE_FRAMES } from "../detect/live-frames.ts";
import { providerNames } from "../detect/provider-names.ts";
import type { DetectCommandOptions } from "../detect/run-detect.ts";
import { numberBetween } from "../options.ts";

/** `octet detect MODEL SOURCE`: without a server. */
export function addDetect(program: Command, context: CommandContext): void {
  program
    .command("detect")
    .description("Detect faces, or what else a model knows, in a picture, a video or a stream, without a server")
    .argument("<model>", "path of an ONNX detector, or `default`")
    .argument("<source>", "picture, video, or URL (rtsp:, http:, synthetic:, file:NAME in the media folder)")
    .option("--json", "one JSON document on stdout")
    .option(
      "--out <file>",
      "write it with boxes and scores; of a video the frame with most detections, or each one where the name holds %04d",
    )
    .option("--confidence <score>", "leave out detections below this, 0 to 1", numberBetween(0.01, 1), 0.5)
    .option(
      "--frames <number>",
      `stop after so many frames of a video (live streams: ${LIVE_FRAMES} unless given)`,
      numberBetween(1, 1e9, { whole: true }),
    )
    .option("--fps <number>", "frames to look at, a second of the video", numberBetween(0.01, 1000), 5)
    .addOption(new Option("--transport <kind>", "of an RTSP stream").choices(["tcp", "udp"]).default("tcp"))
    .addOption(new Option("--provider <name>", "execution provider of ONNX Runtime").choices(providerNames).default("cpu"))
    .option("--threads <number>", "inference threads (a video: one a core, up to 4; a picture: 1)", numberBetween(1, 64, { whole: true }))
    .action(
      context.action(async (model: string, source: string, options: DetectCommandOptions) => {
        const { runDetect } = await import("../detect/run-detect.ts");
        return runDetect(context, model, source, options);
      }),
    );
}
