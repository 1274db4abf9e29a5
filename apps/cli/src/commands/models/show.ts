import type { Command } from "commander";
import type { CommandContext } from "../../context.ts";
import { modelText } from "../../models/model-text.ts";
import { exitCodes } from "../../output/output.ts";
import { openPlace, type PlaceOptions, withPlace } from "../../place/open-place.ts";
import { type Place, placeText, whereOf } from "../../place/place.ts";

/** `octet models show MODEL` */
export function addModelsShow(models: Command, context: CommandContext): void {
  withPlace(models.command("show").description("A model: what it is, its licence, its profiles"))
    .argument("<model>", "its name, id or sha256")
    .action(
      context.action(async (name: string, options: PlaceOptions) => {
        const place = await openPlace(context, options);
        const model = await modelOf(place, name);
        context.output.result({ ...whereOf(place), model }, () => `${placeText(place)}\n\n${modelText(model)}`);
        return exitCodes.done;
      }),
    );
}

async function modelOf(place: Place, name: string) {
  if (place.kind === "server") return (await import("../../server/models.ts")).findModel(place.api, name);
  const { findLocalModel } = await import("@octet/precision/workspace/model-store");
  const { withProfiles } = await import("../../models/local-models.ts");
  const [model] = await withProfiles(place.folder, [await findLocalModel(place.folder, name)]);
  return model!;
}
