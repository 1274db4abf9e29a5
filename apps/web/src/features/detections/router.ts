import { detectionFilterSchema } from "@octet/shared/domain/detection";
import { router, signedIn } from "../../server/trpc.ts";
import { countDetections, listDetections } from "./data.ts";
import { detectionCountsSchema } from "./schema.ts";

export const detectionsRouter = router({
  list: signedIn.input(detectionFilterSchema).query(({ ctx, input }) => listDetections(ctx.db, input)),
  counts: signedIn.input(detectionCountsSchema).query(({ ctx, input }) => countDetections(ctx.db, input)),
});
