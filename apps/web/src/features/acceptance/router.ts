import { router, signedIn } from "../../server/trpc.ts";
import { acceptanceFacts } from "./data.ts";
import { acceptanceOfSchema } from "./schema.ts";

export const acceptanceRouter = router({
  /** All that the acceptance report of a profile says; `@octet/shared/acceptance/page` makes the page of it. */
  facts: signedIn.input(acceptanceOfSchema).query(({ ctx, input }) => acceptanceFacts(ctx.db, ctx.gateway.cameraStatuses(), input.profile)),
});
