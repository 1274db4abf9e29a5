import type { Command } from "commander";
import type { CommandContext } from "../../context.ts";
import { openServer, type PlaceOptions, withPlace } from "../../place/open-place.ts";
import type { PromoteOptions } from "../../profile/promote-profile.ts";
import { withScope } from "../../profile/scope.ts";

/** `octet profile promote PROFILE`: exit 1 where the gate stops it. */
export function addProfilePromote(profile: Command, context: CommandContext): void {
  withScope(withPlace(profile.command("promote").description("Put a profile to work, if the gate lets it")))
    .argument("<profile>", "its name or id")
    .option("--override <reason>", "promote it all the same (admins): a sentence for the audit log")
    .action(
      context.action(async (name: string, options: PromoteOptions & PlaceOptions) => {
        const place = await openServer(context, options, "Promoting a profile");
        const { promoteProfile } = await import("../../profile/promote-profile.ts");
        return promoteProfile(context, place, name, options);
      }),
    );
}
