import type { Command } from "commander";
import type { CommandContext } from "../../context.ts";
import { exitCodes } from "../../output/output.ts";
import { openPlace, type PlaceOptions, withPlace } from "../../place/open-place.ts";
import { type Place, placeText, whereOf } from "../../place/place.ts";
import { profileText } from "../../profile/profile-text.ts";
import { documentOfLocal, shownLocal, type ShownProfile } from "../../profile/shown-profile.ts";

/** `octet profile show PROFILE` */
export function addProfileShow(profile: Command, context: CommandContext): void {
  withPlace(profile.command("show").description("A profile: what it was made of, what was measured, what the gate says"))
    .argument("<profile>", "its name or id")
    .action(
      context.action(async (name: string, options: PlaceOptions) => {
        const place = await openPlace(context, options);
        const { document, shown } = await profileOf(place, name);
        context.output.result({ ...whereOf(place), profile: document }, () => `${placeText(place)}\n\n${profileText(shown)}`);
        return exitCodes.done;
      }),
    );
}

async function profileOf(place: Place, name: string): Promise<{ document: unknown; shown: ShownProfile }> {
  if (place.kind === "server") {
    const profile = await (await import("../../server/profiles.ts")).findProfile(place.api, name);
    const { withCameraNames } = await import("../../profile/scope.ts");
    return { document: profile, shown: (await withCameraNames(place.api, [profile]))[0]! };
  }
  const profile = await (await import("@octet/precision/workspace/profile-file")).readLocalProfile(place.folder, name);
  return { document: documentOfLocal(profile), shown: shownLocal(profile) };
}
