import { AppError } from "@octet/shared/errors";
import type { Command } from "commander";
import type { OctetApi } from "../server/api.ts";
import { findCamera, listCameras } from "../server/cameras.ts";
import type { ServerProfile } from "../server/profiles.ts";

export interface ScopeOptions {
  site?: boolean;
  tag?: string;
  camera?: string;
}

export type Scope = { scope: "site" } | { scope: "tag"; value: string } | { scope: "camera"; value: string };

export const withScope = (command: Command): Command =>
  command
    .option("--site", "for every camera (the default)")
    .option("--tag <tag>", "for the cameras with this tag")
    .option("--camera <camera>", "for one: its name or id");

/** @throws AppError BAD_INPUT where several are given, NOT_FOUND */
export async function scopeOf(api: OctetApi, { site, tag, camera }: ScopeOptions): Promise<{ where: Scope; text: string }> {
  if ([site === true, tag !== undefined, camera !== undefined].filter(Boolean).length > 1)
    throw new AppError("BAD_INPUT", "--site, --tag and --camera exclude each other", { hint: "Give one of them." });
  if (tag !== undefined) return { where: { scope: "tag", value: tag }, text: `the tag ${tag}` };
  if (camera === undefined) return { where: { scope: "site" }, text: "the site" };
  const { id, name } = await findCamera(api, camera);
  return { where: { scope: "camera", value: id }, text: `the camera ${name}` };
}

/** For people: cameras that profiles run on by name instead of id. */
export async function withCameraNames(api: OctetApi, profiles: readonly ServerProfile[]): Promise<ServerProfile[]> {
  if (!profiles.some(({ promotions }) => promotions.some(({ scope }) => scope === "camera"))) return [...profiles];
  const names = new Map((await listCameras(api)).map(({ id, name }) => [id, name]));
  return profiles.map((profile) => ({
    ...profile,
    promotions: profile.promotions.map((promotion) => ({
      ...promotion,
      scopeValue: promotion.scope === "camera" ? (names.get(promotion.scopeValue) ?? "that was removed") : promotion.scopeValue,
    })),
  }));
}
