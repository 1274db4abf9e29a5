import type { Command } from "commander";
import { z } from "zod";
import type { CommandContext } from "../../context.ts";
import { exitCodes } from "../../output/output.ts";
import { openPlace, type PlaceOptions, withPlace } from "../../place/open-place.ts";
import { type Place, placeText, whereOf } from "../../place/place.ts";

/** `octet profile reject PROFILE --reason TEXT` */
export function addProfileReject(profile: Command, context: CommandContext): void {
  withPlace(profile.command("reject").description("Say that a profile is not to be used, and why"))
    .argument("<profile>", "its name or id")
    .requiredOption("--reason <text>", "why")
    .action(
      context.action(async (name: string, { reason, ...options }: PlaceOptions & { reason: string }) => {
        const place = await openPlace(context, options);
        const rejected = await reject(place, name, reason);
        context.output.result({ ...whereOf(place), rejected, reason }, () => `${placeText(place)}\nRejected ${rejected}: ${reason}`);
        return exitCodes.done;
      }),
    );
}

async function reject(place: Place, name: string, reason: string): Promise<string> {
  if (place.kind === "workspace") {
    const { rejectLocalProfile } = await import("@octet/precision/workspace/prove-local-profile");
    return (await rejectLocalProfile(place.folder, name, reason)).name;
  }
  const { findProfile } = await import("../../server/profiles.ts");
  const found = await findProfile(place.api, name);
  await place.api.mutate("profiles.reject", { id: found.id, reason }, z.unknown());
  return found.name;
}
