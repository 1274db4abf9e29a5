import type { Command } from "commander";
import { z } from "zod";
import type { CommandContext } from "../../context.ts";
import { exitCodes } from "../../output/output.ts";
import { findCamera } from "../../server/cameras.ts";
import { openApi } from "../../server/open-api.ts";

/** `octet cameras remove CAMERA` */
export function addCamerasRemove(cameras: Command, context: CommandContext): void {
  cameras
    .command("remove")
    .description("Remove a camera")
    .argument("<camera>", "its name or id")
    .option("--json", "one JSON document on stdout")
    .action(
      context.action(async (idOrName: string) => {
        const api = await openApi(context);
        const { id, name } = await findCamera(api, idOrName);
        await api.mutate("cameras.remove", { id }, z.unknown());
        context.output.result({ removed: { id, name } }, () => `Removed ${name}`);
        return exitCodes.done;
      }),
    );
}
