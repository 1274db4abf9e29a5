import { AppError } from "@octet/shared/errors";
import type { Command } from "commander";
import { findWorker } from "../server/workers.ts";
import type { Place } from "./place.ts";

export interface OnWorkerOptions {
  worker?: string;
}

/** `--worker`, of what any worker of a server can do. */
export const withWorker = (command: Command): Command =>
  command.option("--worker <name>", "of a server: on this worker and no other, such as the host of the GPU in question");

/**
 * Id of the worker that was named; null: whichever fits.
 * @throws AppError NOT_FOUND, BAD_INPUT where several are named so, or there is no server
 */
export async function onWorkerId(place: Place, { worker }: OnWorkerOptions): Promise<string | null> {
  if (worker === undefined) return null;
  if (place.kind === "server") return (await findWorker(place.api, worker)).id;
  throw new AppError("BAD_INPUT", "--worker is for a server: a workspace is this host's", { hint: "Leave it out, or leave --local out." });
}
