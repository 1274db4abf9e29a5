import type { FleetReport } from "@octet/shared/planning/fleet-report";
import { router, signedIn } from "../../server/trpc.ts";
import { listCameraKinds, listFleetBenchmarks, listFleetHosts, listFleetModels } from "./data.ts";

export const plannerRouter = router({
  fleet: signedIn
    .meta({ summary: "The hosts and models there are and what was benchmarked on them, for the planner" })
    .query(async ({ ctx }): Promise<FleetReport> => {
      const models = await listFleetModels(ctx.db);
      const statuses = ctx.gateway.cameraStatuses();
      return {
        hosts: await listFleetHosts(ctx.db, ctx.gateway.workers(), statuses, models),
        benchmarks: await listFleetBenchmarks(ctx.db, models),
        models,
        cameras: await listCameraKinds(ctx.db, statuses),
      };
    }),
});
