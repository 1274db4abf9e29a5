import { type Worker, workerSchema } from "@octet/shared/domain/worker";
import { z } from "zod";
import type { OctetApi } from "./api.ts";
import { pickNamed } from "./pick-named.ts";

export function listWorkers(api: OctetApi): Promise<Worker[]> {
  return api.query("workers.list", undefined, z.array(workerSchema));
}

export async function findWorker(api: OctetApi, idOrName: string): Promise<Worker> {
  return pickNamed(await listWorkers(api), idOrName, "worker", "octet workers list");
}
