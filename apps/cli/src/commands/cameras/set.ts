import { cameraPatchSchema, cameraSchema } from "@octet/shared/domain/camera";
import { AppError } from "@octet/shared/errors";
import { type Command, Option } from "commander";
import { type CameraOptions, cameraFieldsOf, withCameraOptions } from "../../cameras/camera-options.ts";
import type { CommandContext } from "../../context.ts";
import { exitCodes } from "../../output/output.ts";
import { parseInput } from "../../parse-input.ts";
import { findCamera } from "../../server/cameras.ts";
import { openApi } from "../../server/open-api.ts";

interface Options extends CameraOptions {
  name?: string;
  url?: string;
  enabled?: true;
}

/** `octet cameras set CAMERA`: what is not given stays as it is. */
export function addCamerasSet(cameras: Command, context: CommandContext): void {
  withCameraOptions(
    cameras
      .command("set")
      .description('Change a camera; what is not given stays, lists are replaced whole, and "" takes a setting away')
      .argument("<camera>", "its name or id")
      .option("--json", "one JSON document on stdout")
      .option("--name <name>", "a new name")
      .option("--url <url>", "a new address; ••• in it stands for the password that is stored"),
  )
    .addOption(new Option("--enabled", "run it").conflicts("disabled"))
    .option("--disabled", "do not run it")
    .action(
      context.action(async (idOrName: string, { name, url, enabled, ...options }: Options) => {
        const api = await openApi(context);
        const before = await findCamera(api, idOrName);
        const patch = parseInput(cameraPatchSchema, {
          ...(name === undefined ? {} : { name }),
          ...(url === undefined ? {} : { url }),
          ...cameraFieldsOf(options, before.placement),
          ...(enabled ? { enabled } : {}),
        });
        if (Object.keys(patch).length === 0)
          throw new AppError("BAD_INPUT", "Nothing was given to change", { hint: "See `octet cameras set --help`." });
        const camera = await api.mutate("cameras.update", { id: before.id, patch }, cameraSchema);
        context.output.result({ camera }, () => `Changed ${camera.name}: ${Object.keys(patch).join(", ")}`);
        return exitCodes.done;
      }),
    );
}
