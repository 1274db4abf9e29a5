import { type CameraPriority, cameraInputSchema, cameraPriorities, cameraSchema } from "@octet/shared/domain/camera";
import { splitList } from "@octet/shared/split-list";
import { type Command, Option } from "commander";
import type { CommandContext } from "../../context.ts";
import { collect, numberBetween } from "../../options.ts";
import { exitCodes } from "../../output/output.ts";
import { parseInput } from "../../parse-input.ts";
import { openApi } from "../../server/open-api.ts";

interface Options {
  substream?: string;
  transport: "tcp" | "udp";
  fps?: number;
  confidence?: number;
  classes?: string[];
  tag?: string[];
  require?: string[];
  prefer?: string[];
  exclude?: string[];
  priority?: CameraPriority;
  stillFps?: number;
  disabled?: boolean;
}

/** `octet cameras add NAME URL` */
export function addCamerasAdd(cameras: Command, context: CommandContext): void {
  cameras
    .command("add")
    .description("Add a camera")
    .argument("<name>", "a name of its own")
    .argument("<url>", "rtsp://user:password@host/path, http(s)://…, file:NAME or synthetic:…")
    .option("--json", "one JSON document on stdout")
    .option("--substream <url>", "a smaller stream of the same camera, to detect on")
    .addOption(new Option("--transport <kind>", "of RTSP").choices(["tcp", "udp"]).default("tcp"))
    .option("--fps <number>", "detections a second", numberBetween(0.1, 30))
    .option("--confidence <score>", "leave out detections below this", numberBetween(0.05, 0.99))
    .option("--classes <names>", "report only these classes of objects, such as person,car", (text) => splitList(text))
    .option("--tag <tag>", "may be given several times", collect)
    .option("--require <label>", "run it only on workers with this label, such as site=north; may be given several times", collect)
    .option("--prefer <label>", "sooner on workers with this label, while there is room", collect)
    .option("--exclude <label>", "not on workers with this label", collect)
    .addOption(new Option("--priority <level>", "under overload, low ones slow down first").choices(cameraPriorities))
    .option("--still-fps <number>", "detections a second while nothing moves", numberBetween(0.1, 30))
    .option("--disabled", "do not run it yet")
    .action(
      context.action(async (name: string, url: string, options: Options) => {
        const input = parseInput(cameraInputSchema, {
          name,
          url,
          substreamUrl: options.substream ?? null,
          transport: options.transport,
          ...(options.fps === undefined ? {} : { detectFps: options.fps }),
          ...(options.confidence === undefined ? {} : { confidence: options.confidence }),
          classes: options.classes ?? [],
          tags: options.tag ?? [],
          placement: { require: options.require ?? [], prefer: options.prefer ?? [], exclude: options.exclude ?? [] },
          ...(options.priority === undefined ? {} : { priority: options.priority }),
          ...(options.stillFps === undefined ? {} : { stillFps: options.stillFps }),
          enabled: !options.disabled,
        });
        const camera = await (await openApi(context)).mutate("cameras.create", input, cameraSchema);
        context.output.result({ camera }, () => `Added ${camera.name} (${camera.id})`);
        return exitCodes.done;
      }),
    );
}
