import path from "node:path";
import { AppError } from "@octet/shared/errors";
import type { Command } from "commander";
import type { CommandContext } from "../context.ts";
import { findConnection, requireConnection } from "../server/connection.ts";
import type { Place, ServerPlace } from "./place.ts";

export interface PlaceOptions {
  local?: boolean;
  workspace?: string;
}

/** `--json`, and which place a command is about. */
export function withPlace(command: Command): Command {
  return command
    .option("--json", "one JSON document on stdout")
    .option("--local", "in the workspace on this host, also where a server is known")
    .option("--workspace <folder>", "that workspace; implies --local ($OCTET_HOME/workspace unless given)");
}

/** `--no-wait`, of what is a job on a server. */
export const withWait = (command: Command): Command =>
  withPlace(command).option("--no-wait", "of a server: give the job's id at once, and do not wait for it");

/**
 * The server that is known, or the workspace where none is or it is asked for.
 * @throws AppError BAD_INPUT where a server is known without a token
 */
export async function openPlace({ env }: CommandContext, { local, workspace }: PlaceOptions): Promise<Place> {
  const { OCTET_HOME: home } = env();
  if (local || workspace !== undefined || !findConnection(env()))
    return { kind: "workspace", folder: path.resolve(workspace ?? path.join(home, "workspace")) };
  const connection = requireConnection(env());
  const [{ OctetApi }, { ArtifactUploads }] = await Promise.all([import("../server/api.ts"), import("../server/artifact-uploads.ts")]);
  return { kind: "server", url: connection.url, api: new OctetApi(connection), uploads: new ArtifactUploads(connection) };
}

/**
 * @param what needs a server, as the beginning of a sentence
 * @throws AppError BAD_INPUT where there is none
 */
export async function openServer(context: CommandContext, options: PlaceOptions, what: string): Promise<ServerPlace> {
  const place = await openPlace(context, options);
  if (place.kind === "server") return place;
  throw new AppError("BAD_INPUT", `${what} needs a server: a workspace has no cameras and no workers`, {
    hint: "Start one with `npm start`, or set OCTET_URL and OCTET_TOKEN (an API token from Settings → Tokens); and leave --local out.",
  });
}
