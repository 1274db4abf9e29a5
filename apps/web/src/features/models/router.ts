import { z } from "zod";
import { adminOnly, operator, router, signedIn } from "../../server/trpc.ts";
import { getModel, listModels } from "./data.ts";
import { addModel, inspectModel, removeModel, updateModel } from "./mutations.ts";
import { addModelSchema, updateModelSchema } from "./schema.ts";

const idSchema = z.object({ id: z.uuid() });

export const modelsRouter = router({
  list: signedIn.meta({ summary: "Models with the profiles that were made of them" }).query(({ ctx }) => listModels(ctx.db)),
  byId: signedIn
    .meta({ summary: "One model" })
    .input(idSchema)
    .query(({ ctx, input }) => getModel(ctx.db, input.id)),
  add: operator
    .meta({ summary: "Adds an uploaded file: the model that it is already, or the job that looks at it" })
    .input(addModelSchema)
    .mutation(async ({ ctx, input }) => {
      const added = await addModel(ctx.db, ctx.artifacts, input, ctx.caller.name);
      if (added.job) ctx.jobs.changed(added.job);
      return added;
    }),
  inspect: operator
    .meta({ summary: "Begins a job that looks at a model's file once more, as when it was added" })
    .input(idSchema)
    .mutation(async ({ ctx, input }) => {
      const job = await inspectModel(ctx.db, input.id, ctx.caller.name);
      ctx.jobs.changed(job);
      return job;
    }),
  update: operator
    .meta({ summary: "Changes a model's name, notes or licence" })
    .input(updateModelSchema)
    .mutation(async ({ ctx, input }) => {
      const model = await updateModel(ctx.db, input, ctx.caller.name);
      ctx.gateway.changed("models");
      return model;
    }),
  remove: adminOnly
    .meta({ summary: "Removes a model that no profile was made of" })
    .input(idSchema)
    .mutation(async ({ ctx, input }) => {
      await removeModel(ctx.db, input.id, ctx.caller.name);
      ctx.gateway.changed("models");
      ctx.gateway.changed("profiles");
    }),
});
