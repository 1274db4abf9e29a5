import { type CameraPriority, cameraPriorities, type Transport, transportSchema } from "@octet/shared/domain/camera";
import type { PlacementRule } from "@octet/shared/domain/placement";
import { splitList } from "@octet/shared/split-list";
import { type Command, Option } from "commander";
import { collect, numberBetween, orEmpty } from "../options.ts";

export interface CameraOptions {
  substream?: string;
  transport?: Transport;
  fps?: number;
  confidence?: number;
  classes?: string[];
  tag?: string[];
  require?: string[];
  prefer?: string[];
  exclude?: string[];
  priority?: CameraPriority;
  stillFps?: number | "";
  latencyBudget?: number | "";
  disabled?: true;
}

/** What a camera is told when it is added, and again whenever it is changed. */
export const withCameraOptions = (command: Command): Command =>
  command
    .option("--substream <url>", "a smaller stream of the same camera, to detect on")
    .addOption(new Option("--transport <kind>", "of RTSP; a new camera's is tcp").choices(transportSchema.options))
    .option("--fps <number>", "detections a second", numberBetween(0.1, 30))
    .option("--confidence <score>", "leave out detections below this", numberBetween(0.05, 0.99))
    .option("--classes <names>", "report only these classes of objects, such as person,car", (text) => splitList(text))
    .option("--tag <tag>", "may be given several times", collect)
    .option("--require <label>", "run it only on workers with this label, such as site=north; may be given several times", collect)
    .option("--prefer <label>", "sooner on workers with this label, while there is room", collect)
    .option("--exclude <label>", "not on workers with this label", collect)
    .addOption(new Option("--priority <level>", "under overload, low ones slow down first").choices(cameraPriorities))
    .option("--still-fps <number>", "detections a second while nothing moves", orEmpty(numberBetween(0.1, 30)))
    .option(
      "--latency-budget <ms>",
      "from capture to boxes at p99; what its worker aims at unless given",
      orEmpty(numberBetween(20, 10_000, { whole: true })),
    );

const withoutEmpty = (items: readonly string[]): string[] => items.filter((item) => item.trim() !== "");

const placementRules = ["require", "prefer", "exclude"] as const satisfies (keyof PlacementRule)[];

/** What was said, by the names of a camera's fields, and nothing of what was not. @param placement of which a rule that is not given stays */
export function cameraFieldsOf(options: CameraOptions, placement: PlacementRule) {
  const { substream, transport, fps, confidence, classes, tag, priority, stillFps, latencyBudget, disabled } = options;
  const rules = placementRules.filter((rule) => options[rule] !== undefined);
  const given = Object.fromEntries(rules.map((rule) => [rule, withoutEmpty(options[rule]!)]));
  return {
    ...(substream === undefined ? {} : { substreamUrl: substream === "" ? null : substream }),
    ...(transport === undefined ? {} : { transport }),
    ...(fps === undefined ? {} : { detectFps: fps }),
    ...(confidence === undefined ? {} : { confidence }),
    ...(classes === undefined ? {} : { classes }),
    ...(tag === undefined ? {} : { tags: withoutEmpty(tag) }),
    ...(rules.length === 0 ? {} : { placement: { ...placement, ...given } }),
    ...(priority === undefined ? {} : { priority }),
    ...(stillFps === undefined ? {} : { stillFps: stillFps === "" ? null : stillFps }),
    ...(latencyBudget === undefined ? {} : { latencyBudgetMs: latencyBudget === "" ? null : latencyBudget }),
    ...(disabled ? { enabled: false } : {}),
  };
}
