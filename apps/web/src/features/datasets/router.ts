import { begun } from "../../server/jobs/begun.ts";
import { adminOnly, operator, router, signedIn } from "../../server/trpc.ts";
import { getVersion, listDatasets, listImages } from "./data.ts";
import { collectDataset, importDataset, removeDataset } from "./mutations.ts";
import { datasetCollectSchema, datasetImportSchema, datasetRefSchema, imagesPageSchema, versionRefSchema } from "./schema.ts";

export const datasetsRouter = router({
  list: signedIn.query(({ ctx }) => listDatasets(ctx.db)),
  version: signedIn.input(versionRefSchema).query(({ ctx, input }) => getVersion(ctx.db, input.versionId)),
  images: signedIn.input(imagesPageSchema).query(({ ctx, input }) => listImages(ctx.db, input)),
  import: operator.input(datasetImportSchema).mutation(({ ctx, input }) => begun(ctx, importDataset(ctx.db, input, ctx.caller.name))),
  /** `jobIds`: one for each worker that runs some of the cameras; `jobId` is the first of them. */
  collect: operator.input(datasetCollectSchema).mutation(async ({ ctx, input }) => {
    const { datasetId, jobs } = await collectDataset(ctx.db, input, ctx.caller.name);
    for (const job of jobs) ctx.jobs.changed(job);
    return { datasetId, jobId: jobs[0]!.id, jobIds: jobs.map(({ id }) => id) };
  }),
  remove: adminOnly.input(datasetRefSchema).mutation(({ ctx, input }) => removeDataset(ctx.db, input.id)),
});
