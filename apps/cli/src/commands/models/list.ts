import type { Command } from "commander";
import type { CommandContext } from "../../context.ts";
import { modelsTable } from "../../models/model-text.ts";
import { exitCodes } from "../../output/output.ts";
import { openPlace, type PlaceOptions, withPlace } from "../../place/open-place.ts";
import { type Place, placeText, whereOf } from "../../place/place.ts";

/** `octet models list` */
export function addModelsList(models: Command, context: CommandContext): void {
  withPlace(models.command("list").description("Models, and the profiles that were made of them")).action(
    context.action(async (options: PlaceOptions) => {
      const place = await openPlace(context, options);
      const list = await modelsOf(place);
      context.output.result({ ...whereOf(place), models: list }, () => `${placeText(place)}\n\n${modelsTable(list)}`);
      return exitCodes.done;
    }),
  );
}

async function modelsOf(place: Place) {
  if (place.kind === "server") return (await import("../../server/models.ts")).listModels(place.api);
  const { listLocalModels } = await import("@octet/precision/workspace/model-store");
  const { withProfiles } = await import("../../models/local-models.ts");
  return withProfiles(place.folder, await listLocalModels(place.folder));
}
