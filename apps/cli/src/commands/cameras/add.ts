import { cameraInputSchema, cameraSchema } from "@octet/shared/domain/camera";
import { anywhere } from "@octet/shared/domain/placement";
import type { Command } from "commander";
import { type CameraOptions, cameraFieldsOf, withCameraOptions } from "../../cameras/camera-options.ts";
import type { CommandContext } from "../../context.ts";
import { exitCodes } from "../../output/output.ts";
import { parseInput } from "../../parse-input.ts";
import { openApi } from "../../server/open-api.ts";

/** `octet cameras add NAME URL` */
export function addCamerasAdd(cameras: Command, context: CommandContext): void {
  withCameraOptions(
    cameras
      .command("add")
      .description("Add a camera")
      .argument("<name>", "a name of its own")
      .argument("<url>", "rtsp://user:password@host/path, http(s)://…, file:NAME or synthetic:…")
      .option("--json", "one JSON document on stdout"),
  )
    .option("--disabled", "do not run it yet")
    .action(
      context.action(async (name: string, url: string, options: CameraOptions) => {
        const input = parseInput(cameraInputSchema, { name, url, ...cameraFieldsOf(options, anywhere) });
        const camera = await (await openApi(context)).mutate("cameras.create", input, cameraSchema);
        context.output.result({ camera }, () => `Added ${camera.name} (${camera.id})`);
        return exitCodes.done;
      }),
    );
}
