import { router, signedIn } from "../../server/trpc.ts";
import { listFleetBenchmarks, listFleetHosts } from "./data.ts";

export const plannerRouter = router({
  fleet: signedIn.query(async ({ ctx }) => ({
    hosts: await listFleetHosts(ctx.db, ctx.gateway.workers(), ctx.gateway.cameraStatuses()),
    benchmarks: await listFleetBenchmarks(ctx.db),
  })),
});
