import { type DetectionFilter, detectionFilterSchema, storedDetectionSchema } from "@octet/shared/domain/detection";
import type { Command } from "commander";
import { z } from "zod";
import type { CommandContext } from "../../context.ts";
import { collect, numberBetween, parseTime } from "../../options.ts";
import { exitCodes } from "../../output/output.ts";
import { table } from "../../output/table.ts";
import { milliseconds } from "../../output/units.ts";
import { parseInput } from "../../parse-input.ts";
import { listCameras, pickCamera } from "../../server/cameras.ts";
import { openApi } from "../../server/open-api.ts";

const pageSchema = z.object({ items: z.array(storedDetectionSchema), nextCursor: z.string().nullish() });

interface Options {
  camera?: string[];
  from?: Date;
  to?: Date;
  minScore?: number;
  tracks?: boolean;
  limit: number;
  cursor?: string;
}

/** `octet detections list`: newest first. */
export function addDetectionsList(detections: Command, context: CommandContext): void {
  detections
    .command("list")
    .description("Stored detections, newest first")
    .option("--json", "one JSON document on stdout")
    .option("--camera <camera>", "only of this one (name or id); may be given several times", collect)
    .option("--from <time>", "from this time on: 2026-03-01T08:00, or so long ago: 2h", (text) => parseTime(text))
    .option("--to <time>", "up to this time", (text) => parseTime(text))
    .option("--min-score <score>", "0 to 1", numberBetween(0, 1))
    .option("--tracks", "one line for each object that was followed")
    .option("--limit <number>", "at most so many", numberBetween(1, 200, { whole: true }), 50)
    .option("--cursor <cursor>", "go on where a list ended: its nextCursor")
    .action(
      context.action(async (options: Options) => {
        const api = await openApi(context);
        const { camera: names } = options;
        const known = names ? await listCameras(api) : [];
        const filter: DetectionFilter = {
          ...(names ? { cameraIds: names.map((name) => pickCamera(known, name).id) } : {}),
          ...(options.from ? { from: options.from } : {}),
          ...(options.to ? { to: options.to } : {}),
          ...(options.minScore === undefined ? {} : { minScore: options.minScore }),
          tracksOnly: options.tracks === true,
          limit: options.limit,
          ...(options.cursor ? { cursor: options.cursor } : {}),
        };
        const page = await api.query("detections.list", parseInput(detectionFilterSchema, filter), pageSchema);
        context.output.result({ items: page.items, nextCursor: page.nextCursor ?? null }, () =>
          table(
            page.items,
            [
              { title: "TIME", of: ({ capturedAt }) => capturedAt.toISOString() },
              { title: "CAMERA", of: ({ cameraName }) => cameraName },
              { title: "TRACK", of: ({ trackId }) => (trackId === null ? "" : `#${trackId}`), align: "right" },
              { title: "LABEL", of: ({ label }) => label },
              { title: "SCORE", of: ({ score }) => score.toFixed(2), align: "right" },
              { title: "BOX %", of: ({ box }) => [box.x, box.y, box.w, box.h].map((value) => (value * 100).toFixed(0)).join(" ") },
              { title: "LATENCY", of: ({ latencyMs }) => milliseconds(latencyMs), align: "right" },
            ],
            "No detections.",
          ),
        );
        if (page.nextCursor) context.output.note(`More: --cursor ${page.nextCursor}`);
        return exitCodes.done;
      }),
    );
}
