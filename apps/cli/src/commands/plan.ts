import { gpuIds } from "@octet/shared/planning/gpu-catalogue";
import { detectorIds } from "@octet/shared/planning/detector-catalogue";
import { codecs } from "@octet/shared/planning/nvdec";
import { type CameraKind, decodeModes, MOST_STREAMS } from "@octet/shared/planning/camera-kind";
import { precisions } from "@octet/shared/planning/precision";
import { type Command, Option } from "commander";
import type { CommandContext } from "../context.ts";
import { cameraKind, frameSize, numberBetween } from "../options.ts";
import { withPlace } from "../place/open-place.ts";
import type { PlanCommandOptions } from "../plan/run-plan.ts";

const also = (text: string, before: readonly CameraKind[] = []): CameraKind[] => [...before, cameraKind(text)];

/** `octet plan`: how many cameras fit on a GPU, and what ends first. */
export function addPlan(program: Command, context: CommandContext): void {
  const rate = numberBetween(0.001, 1e7);
  withPlace(program.command("plan").description("How many cameras fit on a GPU, at which precision and decode size, and what ends first"))
    .addOption(new Option("--gpu <id>", "what to plan for").choices(gpuIds).default("a10"))
    .addOption(
      new Option(
        "--measured-on <worker>",
        "a worker of the server: plan for its GPU, by what it reaches and what benchmarks on it measured",
      ).conflicts("gpu"),
    )
    .option("--streams <number>", "cameras", numberBetween(1, MOST_STREAMS, { whole: true }), 70)
    .addOption(new Option("--codec <name>", "of the cameras").choices(codecs).default("h264"))
    .addOption(new Option("--resolution <size>", "of the cameras").argParser(frameSize).default({ width: 1920, height: 1080 }, "1920x1080"))
    .option("--fps <number>", "of the cameras", numberBetween(0.1, 240), 25)
    .option("--detect-fps <number>", "frames of each camera that are inferred, a second", numberBetween(0.1, 240), 5)
    .option("--also <kind>", "further cameras, such as 20:3840x2160:hevc:15:5 (cameras, size, codec, fps, inferred); may be repeated", also)
    .addOption(
      new Option("--site-cameras", "the cameras of the server, by what they send now, for all of these").conflicts([
        "streams",
        "codec",
        "resolution",
        "fps",
        "detectFps",
        "also",
      ]),
    )
    .option(
      "--model <model>",
      `detector: ${detectorIds.join(", ")}; an ONNX file, \`default\`, or a model of the server or workspace (default: what was measured, else yolov5s-face)`,
    )
    .addOption(
      new Option("--precision <name>", "that the detector computes in (default: what was measured, else int8)").choices(precisions),
    )
    .option("--decode-size <size>", "of the frames that are decoded, such as 960x540", frameSize)
    .addOption(
      new Option("--decode-mode <how>", "the camera sends the decode size (a sub-stream), or frames are scaled after decoding")
        .choices(decodeModes)
        .default("substream"),
    )
    .option("--batch <number>", "frames of one run (default: what suits the GPU)", numberBetween(1, 256, { whole: true }))
    .option("--latency <ms>", "from frame to boxes, at most", numberBetween(1, 60_000), 200)
    .option("--decoder-delay <frames>", "that the decoder holds back: up to 3 with B-frames", numberBetween(0, 16, { whole: true }), 0)
    .option("--reserve <percent>", "of every resource that is to stay free", numberBetween(0, 90), 0)
    .option("--accuracy <percent>", "of FP32's that must remain", numberBetween(0, 100), 95)
    .option("--inference-rate <fps>", "measured on this GPU with this model and precision; wins over the catalogue", rate)
    .option("--decode-rate <fps>", "measured on this GPU with this codec, at the size that is decoded; wins over the catalogue", rate)
    .action(
      context.action(async (options: PlanCommandOptions) => {
        const { runPlan } = await import("../plan/run-plan.ts");
        return runPlan(context, options);
      }),
    );
}
