import { operator, router, signedIn } from "../../server/trpc.ts";
import { listWorkers } from "./data.ts";
import { removeWorker, setDraining } from "./mutations.ts";
import { drainSchema, workerRefSchema } from "./schema.ts";

export const workersRouter = router({
  list: signedIn
    .meta({ summary: "All workers that ever joined: host, labels, load" })
    .query(({ ctx }) => listWorkers(ctx.db, ctx.gateway.workers())),
  ifLost: signedIn
    .meta({ summary: "Where a worker's cameras would go, were it lost now, and how full that would make the others" })
    .input(workerRefSchema)
    .query(({ ctx, input }) => ctx.gateway.ifLost(input.id)),
  drain: operator
    .meta({ summary: "Has a worker's cameras run elsewhere and gives it none, or lets it take some again" })
    .input(drainSchema)
    .mutation(async ({ ctx, input }) => {
      await setDraining(ctx.db, input.id, input.draining, ctx.caller.name);
      await ctx.gateway.workerDrains(input.id, input.draining);
      return { id: input.id, draining: input.draining };
    }),
  remove: operator
    .meta({ summary: "Forgets a worker that is not connected" })
    .input(workerRefSchema)
    .mutation(async ({ ctx, input }) => {
      await removeWorker(
        ctx.db,
        input.id,
        ctx.gateway.workers().some(({ id }) => id === input.id),
        ctx.caller.name,
      );
      await ctx.gateway.camerasChanged();
      ctx.gateway.changed("workers");
      return { id: input.id };
    }),
});
