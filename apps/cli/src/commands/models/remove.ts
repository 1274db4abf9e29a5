import type { Command } from "commander";
import { z } from "zod";
import type { CommandContext } from "../../context.ts";
import { exitCodes } from "../../output/output.ts";
import { openPlace, type PlaceOptions, withPlace } from "../../place/open-place.ts";
import { type Place, placeText, whereOf } from "../../place/place.ts";

/** `octet models remove MODEL`: not where profiles were made of it. */
export function addModelsRemove(models: Command, context: CommandContext): void {
  withPlace(models.command("remove").description("Remove a model that no profile was made of (admins, on a server)"))
    .argument("<model>", "its name, id or sha256")
    .action(
      context.action(async (name: string, options: PlaceOptions) => {
        const place = await openPlace(context, options);
        const removed = await remove(place, name);
        context.output.result({ ...whereOf(place), removed }, () => `${placeText(place)}\nRemoved ${removed.name}`);
        return exitCodes.done;
      }),
    );
}

async function remove(place: Place, name: string): Promise<{ name: string; sha256: string }> {
  if (place.kind === "server") {
    const { findModel } = await import("../../server/models.ts");
    const model = await findModel(place.api, name);
    await place.api.mutate("models.remove", { id: model.id }, z.unknown());
    return { name: model.name, sha256: model.sha256 };
  }
  const { removeLocalModel } = await import("@octet/precision/workspace/model-store");
  const model = await removeLocalModel(place.folder, name);
  return { name: model.name, sha256: model.sha256 };
}
