import { detectionFilterSchema } from "@octet/shared/domain/detection";
import { router, signedIn } from "../../server/trpc.ts";
import { countDetections, listDetections } from "./data.ts";
import { detectionCountsSchema } from "./schema.ts";

export const detectionsRouter = router({
  list: signedIn
    .meta({ summary: "Detections or tracks, newest first, by pages" })
    .input(detectionFilterSchema)
    .query(({ ctx, input }) => listDetections(ctx.db, input)),
  counts: signedIn
    .meta({ summary: "Detections over a time range, counted in equal parts of it" })
    .input(detectionCountsSchema)
    .query(({ ctx, input }) => countDetections(ctx.db, input)),
});
