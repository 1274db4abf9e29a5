import { type FleetReport, fleetReportSchema } from "@octet/shared/planning/fleet-report";
import type { OctetApi } from "./api.ts";

/** What the server's hosts are and reach, and its models, as a plan takes them. */
export const readFleet = (api: OctetApi): Promise<FleetReport> => api.query("planner.fleet", undefined, fleetReportSchema);
