import { router, signedIn } from "../../server/trpc.ts";
import { listWorkers } from "./data.ts";

export const workersRouter = router({
  list: signedIn.query(({ ctx }) => listWorkers(ctx.db, ctx.gateway.workers())),
});
