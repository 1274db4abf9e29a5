import { router, signedIn } from "../../server/trpc.ts";
import { acceptanceFacts } from "./data.ts";
import { acceptanceOfSchema } from "./schema.ts";

export const acceptanceRouter = router({
  /** `@octet/shared/acceptance/page` makes the page of it. */
  facts: signedIn
    .meta({ summary: "All that the acceptance report of a profile says" })
    .input(acceptanceOfSchema)
    .query(({ ctx, input }) => acceptanceFacts(ctx.db, ctx.gateway.cameraStatuses(), input.profile)),
});
