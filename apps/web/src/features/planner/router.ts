import { router, signedIn } from "../../server/trpc.ts";
import { listFleetBenchmarks, listFleetHosts } from "./data.ts";

export const plannerRouter = router({
  fleet: signedIn.meta({ summary: "The hosts there are and what was benchmarked on them, for the planner" }).query(async ({ ctx }) => ({
    hosts: await listFleetHosts(ctx.db, ctx.gateway.workers(), ctx.gateway.cameraStatuses()),
    benchmarks: await listFleetBenchmarks(ctx.db),
  })),
});
