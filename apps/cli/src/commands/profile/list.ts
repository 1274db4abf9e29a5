import type { Command } from "commander";
import type { CommandContext } from "../../context.ts";
import { exitCodes } from "../../output/output.ts";
import { openPlace, type PlaceOptions, withPlace } from "../../place/open-place.ts";
import { type Place, placeText, whereOf } from "../../place/place.ts";
import { profilesTable } from "../../profile/profile-text.ts";
import { documentOfLocal, shownLocal, type ShownProfile } from "../../profile/shown-profile.ts";

/** `octet profile list` */
export function addProfileList(profile: Command, context: CommandContext): void {
  withPlace(
    profile.command("list").description("Profiles side by side, with what was measured, what the gate says, and where they run"),
  ).action(
    context.action(async (options: PlaceOptions) => {
      const place = await openPlace(context, options);
      const { profiles, rows } = await profilesOf(place);
      context.output.result({ ...whereOf(place), profiles }, () => `${placeText(place)}\n\n${profilesTable(rows)}`);
      return exitCodes.done;
    }),
  );
}

async function profilesOf(place: Place): Promise<{ profiles: unknown[]; rows: ShownProfile[] }> {
  if (place.kind === "server") {
    const profiles = await (await import("../../server/profiles.ts")).listProfiles(place.api);
    const { withCameraNames } = await import("../../profile/scope.ts");
    return { profiles, rows: await withCameraNames(place.api, profiles) };
  }
  const profiles = await (await import("@octet/precision/workspace/profile-file")).listLocalProfiles(place.folder);
  return { profiles: profiles.map(documentOfLocal), rows: profiles.map(shownLocal) };
}
