import { begun } from "../../server/jobs/begun.ts";
import { adminOnly, operator, router, signedIn } from "../../server/trpc.ts";
import { getVersion, listDatasets, listImages } from "./data.ts";
import { collectDataset, importDataset, removeDataset } from "./mutations.ts";
import { datasetCollectSchema, datasetImportSchema, datasetRefSchema, imagesPageSchema, versionQuerySchema } from "./schema.ts";

export const datasetsRouter = router({
  list: signedIn.meta({ summary: "Data sets with their versions, newest first" }).query(({ ctx }) => listDatasets(ctx.db)),
  version: signedIn
    .meta({ summary: "A version: how it is spread, what is thin, which images leak" })
    .input(versionQuerySchema)
    .query(({ ctx, input }) => getVersion(ctx.db, input)),
  images: signedIn
    .meta({ summary: "Images of a version, by pages" })
    .input(imagesPageSchema)
    .query(({ ctx, input }) => listImages(ctx.db, input)),
  import: operator
    .meta({ summary: "Begins a job that makes a version of uploaded files" })
    .input(datasetImportSchema)
    .mutation(({ ctx, input }) => begun(ctx, importDataset(ctx.db, input, ctx.caller.name))),
  /** `jobIds`: one for each worker that runs some of the cameras; `jobId` is the first of them. */
  collect: operator
    .meta({ summary: "Begins jobs that collect frames of cameras, one on each worker that runs some of them" })
    .input(datasetCollectSchema)
    .mutation(async ({ ctx, input }) => {
      const { datasetId, jobs } = await collectDataset(ctx.db, input, ctx.caller.name);
      for (const job of jobs) ctx.jobs.changed(job);
      return { datasetId, jobId: jobs[0]!.id, jobIds: jobs.map(({ id }) => id) };
    }),
  remove: adminOnly
    .meta({ summary: "Removes a data set with all its versions, which no profile was made with or is proven by" })
    .input(datasetRefSchema)
    .mutation(({ ctx, input }) => removeDataset(ctx.db, input.id, ctx.caller.name)),
});
