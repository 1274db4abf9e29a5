import type { FleetReport } from "@octet/shared/planning/fleet-report";
import { router, signedIn } from "../../server/trpc.ts";
import { listFleetBenchmarks, listFleetHosts, listFleetModels } from "./data.ts";

export const plannerRouter = router({
  fleet: signedIn.meta({ summary: "The hosts and models there are and what was benchmarked on them, for the planner" }).query(async ({ ctx }): Promise<FleetReport> => {
    const models = await listFleetModels(ctx.db);
    return {
      hosts: await listFleetHosts(ctx.db, ctx.gateway.workers(), ctx.gateway.cameraStatuses(), models),
      benchmarks: await listFleetBenchmarks(ctx.db, models),
      models,
    };
  }),
});
