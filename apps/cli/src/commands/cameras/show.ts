import type { Command } from "commander";
import { cameraText } from "../../cameras/camera-text.ts";
import type { CommandContext } from "../../context.ts";
import { exitCodes } from "../../output/output.ts";
import { findCamera } from "../../server/cameras.ts";
import { openApi } from "../../server/open-api.ts";
import { listWorkers } from "../../server/workers.ts";

/** `octet cameras show CAMERA` */
export function addCamerasShow(cameras: Command, context: CommandContext): void {
  cameras
    .command("show")
    .description("A camera: how it is set, and how it is; passwords are masked")
    .argument("<camera>", "its name or id")
    .option("--json", "one JSON document on stdout")
    .action(
      context.action(async (idOrName: string) => {
        const api = await openApi(context);
        const [camera, workers] = await Promise.all([findCamera(api, idOrName), listWorkers(api)]);
        const worker = workers.find(({ id }) => id === camera.workerId);
        context.output.result({ camera }, () => cameraText(camera, worker?.name ?? null));
        return exitCodes.done;
      }),
    );
}
