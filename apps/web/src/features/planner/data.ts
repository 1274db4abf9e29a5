import type { Database } from "@octet/db/client";
import { type FleetHost, fleetHost } from "@octet/shared/planning/fleet-host";
import type { GatewayPort } from "../../server/runtime.ts";
import { listWorkers } from "../workers/data.ts";

/** The hosts of this fleet and what they reach, those with a telling measurement first. */
export async function listFleetHosts(db: Database, live: ReturnType<GatewayPort["workers"]>): Promise<FleetHost[]> {
  const hosts = (await listWorkers(db, live)).map(fleetHost);
  return hosts.sort((a, b) => Number(b.inference !== null) - Number(a.inference !== null) || a.name.localeCompare(b.name));
}
