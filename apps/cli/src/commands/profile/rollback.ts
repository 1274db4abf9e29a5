import type { Command } from "commander";
import type { CommandContext } from "../../context.ts";
import { openServer, type PlaceOptions, withPlace } from "../../place/open-place.ts";
import type { RollBackOptions } from "../../profile/roll-back.ts";
import { withScope } from "../../profile/scope.ts";

/** `octet profile rollback [PROFILE]` */
export function addProfileRollback(profile: Command, context: CommandContext): void {
  withScope(withPlace(profile.command("rollback").description("Go back to what ran before the last promotion")))
    .argument("[profile]", "go back only if this one runs there")
    .option("--shadow", "end what runs in the shadow there")
    .action(
      context.action(async (name: string | undefined, options: RollBackOptions & PlaceOptions) => {
        const place = await openServer(context, options, "Rolling back");
        const { rollBackProfile } = await import("../../profile/roll-back.ts");
        return rollBackProfile(context, place, name, options);
      }),
    );
}
