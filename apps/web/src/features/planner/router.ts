import { router, signedIn } from "../../server/trpc.ts";
import { listFleetHosts } from "./data.ts";

export const plannerRouter = router({
  fleet: signedIn.query(({ ctx }) => listFleetHosts(ctx.db, ctx.gateway.workers())),
});
