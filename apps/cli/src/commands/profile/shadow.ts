import type { Command } from "commander";
import type { CommandContext } from "../../context.ts";
import { numberBetween } from "../../options.ts";
import { exitCodes } from "../../output/output.ts";
import { openServer, type PlaceOptions, withPlace } from "../../place/open-place.ts";
import { placeText, whereOf } from "../../place/place.ts";
import { type ScopeOptions, scopeOf, withScope } from "../../profile/scope.ts";

/** `octet profile shadow PROFILE`: beside what runs, on a share of the frames. */
export function addProfileShadow(profile: Command, context: CommandContext): void {
  withScope(
    withPlace(profile.command("shadow").description("Run a profile beside the current one: it changes nothing, and shows how they differ")),
  )
    .argument("<profile>", "its name or id")
    .option("--share <share>", "of the live frames, 0 to 1", numberBetween(0.001, 1), 0.2)
    .action(
      context.action(async (name: string, options: ScopeOptions & PlaceOptions & { share: number }) => {
        const place = await openServer(context, options, "Running in the shadow");
        const [{ findProfile }, { promotedSchema }] = await Promise.all([
          import("../../server/profiles.ts"),
          import("../../profile/promote-profile.ts"),
        ]);
        const found = await findProfile(place.api, name);
        const { where, text } = await scopeOf(place.api, options);
        const { share } = options;
        const { promotionId } = await place.api.mutate("profiles.shadow", { id: found.id, where, share }, promotedSchema);
        context.output.result({ ...whereOf(place), profile: found.name, scope: where, share, promotionId }, () =>
          [
            placeText(place),
            `${found.name} runs in the shadow on ${text}, on ${Math.round(share * 100)} % of the frames`,
            "End it: octet profile rollback --shadow",
          ].join("\n"),
        );
        return exitCodes.done;
      }),
    );
}
