import { z } from "zod";
import { adminOnly, operator, router, signedIn } from "../../server/trpc.ts";
import { getModel, listModels } from "./data.ts";
import { addModel, removeModel, updateModel } from "./mutations.ts";
import { addModelSchema, updateModelSchema } from "./schema.ts";

const idSchema = z.object({ id: z.uuid() });

export const modelsRouter = router({
  list: signedIn.query(({ ctx }) => listModels(ctx.db)),
  byId: signedIn.input(idSchema).query(({ ctx, input }) => getModel(ctx.db, input.id)),
  add: operator.input(addModelSchema).mutation(async ({ ctx, input }) => {
    const added = await addModel(ctx.db, ctx.artifacts, input, ctx.caller.name);
    if (added.job) ctx.jobs.changed(added.job);
    return added;
  }),
  update: operator.input(updateModelSchema).mutation(async ({ ctx, input }) => {
    const model = await updateModel(ctx.db, input);
    ctx.gateway.changed("models");
    return model;
  }),
  remove: adminOnly.input(idSchema).mutation(async ({ ctx, input }) => {
    await removeModel(ctx.db, input.id, ctx.caller.name);
    ctx.gateway.changed("models");
    ctx.gateway.changed("profiles");
  }),
});
