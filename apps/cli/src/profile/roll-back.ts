import { AppError } from "@octet/shared/errors";
import { z } from "zod";
import type { CommandContext } from "../context.ts";
import { exitCodes } from "../output/output.ts";
import { placeText, type ServerPlace, whereOf } from "../place/place.ts";
import { findProfile, listProfiles, type Promotion, type ServerProfile } from "../server/profiles.ts";
import { type Scope, type ScopeOptions, scopeOf } from "./scope.ts";

export interface RollBackOptions extends ScopeOptions {
  shadow?: boolean;
}

/** `octet profile rollback`, once its options are read: back to what ran there before. */
export async function rollBackProfile(
  { output }: CommandContext,
  place: ServerPlace,
  name: string | undefined,
  { shadow = false, ...options }: RollBackOptions,
): Promise<number> {
  const named = name === undefined ? null : await findProfile(place.api, name);
  const { where, text } = await scopeOf(place.api, options);
  const role = shadow ? "shadow" : "active";
  const running = runningIn(await listProfiles(place.api), where, role);
  if (!running || (named && running.profile.id !== named.id))
    throw new AppError(
      "NOT_FOUND",
      running
        ? `${named!.name} does not run ${shadow ? "in the shadow " : ""}on ${text}: ${running.profile.name} does`
        : `Nothing was promoted ${shadow ? "into the shadow " : ""}on ${text}`,
      { hint: "`octet profile list` shows what runs where; say where with --tag or --camera." },
    );
  await place.api.mutate("profiles.rollBack", { promotionId: running.promotion.id }, z.unknown());
  const now = runningIn(await listProfiles(place.api), where, "active")?.profile.name ?? null;
  output.result({ ...whereOf(place), rolledBack: running.profile.name, role, scope: where, running: now }, () =>
    [
      placeText(place),
      `${running.profile.name} ${shadow ? "is out of the shadow" : "does not run any more"} on ${text}`,
      now
        ? `${now} runs there`
        : where.scope === "site"
          ? "The workers' own model runs there"
          : "What is promoted for more than it runs there",
    ].join("\n"),
  );
  return exitCodes.done;
}

function runningIn(
  profiles: readonly ServerProfile[],
  where: Scope,
  role: Promotion["role"],
): { profile: ServerProfile; promotion: Promotion } | null {
  const value = where.scope === "site" ? "" : where.value;
  for (const profile of profiles) {
    const promotion = profile.promotions.find((one) => one.role === role && one.scope === where.scope && one.scopeValue === value);
    if (promotion) return { profile, promotion };
  }
  return null;
}
