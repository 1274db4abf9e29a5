import { cameraSchema } from "@octet/shared/domain/camera";
import type { Command } from "commander";
import type { CommandContext } from "../../context.ts";
import { exitCodes } from "../../output/output.ts";
import { findCamera } from "../../server/cameras.ts";
import { openApi } from "../../server/open-api.ts";

/** `octet cameras enable CAMERA` and `octet cameras disable CAMERA` */
export function addCamerasEnable(cameras: Command, context: CommandContext, enabled: boolean): void {
  cameras
    .command(enabled ? "enable" : "disable")
    .description(enabled ? "Run a camera again" : "Stop a camera, and keep it")
    .argument("<camera>", "its name or id")
    .option("--json", "one JSON document on stdout")
    .action(
      context.action(async (idOrName: string) => {
        const api = await openApi(context);
        const { id } = await findCamera(api, idOrName);
        const camera = await api.mutate("cameras.update", { id, patch: { enabled } }, cameraSchema);
        context.output.result({ camera }, () => `${camera.name} is ${enabled ? "enabled" : "disabled"}`);
        return exitCodes.done;
      }),
    );
}
