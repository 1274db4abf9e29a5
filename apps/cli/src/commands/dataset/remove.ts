import type { Command } from "commander";
import { z } from "zod";
import type { CommandContext } from "../../context.ts";
import { exitCodes } from "../../output/output.ts";
import { count } from "../../output/units.ts";
import { openPlace, type PlaceOptions, withPlace } from "../../place/open-place.ts";
import { type Place, placeText, whereOf } from "../../place/place.ts";

/** `octet dataset remove NAME`: not where a profile was calibrated with it. */
export function addDatasetRemove(dataset: Command, context: CommandContext): void {
  withPlace(
    dataset
      .command("remove")
      .description("Remove a data set with all its versions, which no profile was calibrated with (admins, on a server)"),
  )
    .argument("<dataset>", "its name")
    .action(
      context.action(async (name: string, options: PlaceOptions) => {
        const place = await openPlace(context, options);
        const removed = await remove(place, name);
        context.output.result(
          { ...whereOf(place), removed },
          () => `${placeText(place)}\nRemoved ${removed.name} (${count(removed.versions, "version")})`,
        );
        return exitCodes.done;
      }),
    );
}

async function remove(place: Place, text: string): Promise<{ name: string; versions: number }> {
  if (place.kind === "workspace") {
    const { removeLocalDataset } = await import("@octet/precision/workspace/dataset-store");
    return removeLocalDataset(place.folder, text);
  }
  const { findDataset } = await import("../../server/datasets.ts");
  const { id, name, versions } = await findDataset(place.api, text);
  await place.api.mutate("datasets.remove", { id }, z.unknown());
  return { name, versions: versions.length };
}
