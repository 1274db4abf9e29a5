import { z } from "zod";
import type { CommandContext } from "../context.ts";
import { exitCodes } from "../output/output.ts";
import { placeText, type ServerPlace, whereOf } from "../place/place.ts";
import { findProfile } from "../server/profiles.ts";
import { gateText } from "./proof-text.ts";
import { type ScopeOptions, scopeOf } from "./scope.ts";

export interface PromoteOptions extends ScopeOptions {
  override?: string;
}

export const promotedSchema = z.object({ promotionId: z.uuid() });

/** `octet profile promote`, once its options are read: exit 1 where the gate stops it. */
export async function promoteProfile(
  { output }: CommandContext,
  place: ServerPlace,
  name: string,
  { override, ...scope }: PromoteOptions,
): Promise<number> {
  const profile = await findProfile(place.api, name);
  const { where, text } = await scopeOf(place.api, scope);
  const about = { ...whereOf(place), profile: profile.name, scope: where, gate: profile.gate };
  if (!profile.gate.passed && override === undefined) {
    const hint = 'Validate and benchmark it, choose another profile, or as an admin give --override "REASON".';
    output.result({ ...about, promoted: false, hint }, () =>
      [placeText(place), `${profile.name} is not promoted`, gateText(profile.gate), hint].join("\n"),
    );
    return exitCodes.checkFailed;
  }
  const { promotionId } = await place.api.mutate(
    "profiles.promote",
    { id: profile.id, where, overrideReason: override ?? null },
    promotedSchema,
  );
  const overridden = !profile.gate.passed;
  output.result({ ...about, promoted: true, promotionId, overridden }, () =>
    [
      placeText(place),
      gateText(profile.gate),
      `${profile.name} runs on ${text} now${overridden ? ": the gate was overridden, which is written into the audit log" : ""}`,
    ].join("\n"),
  );
  return exitCodes.done;
}
