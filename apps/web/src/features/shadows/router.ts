import { router, signedIn } from "../../server/trpc.ts";
import { newestShadow } from "./data.ts";
import { shadowOfSchema } from "./schema.ts";

export const shadowsRouter = router({
  ofProfile: signedIn
    .meta({ summary: "What a profile has seen in its newest shadow; null where it never was in one" })
    .input(shadowOfSchema)
    .query(({ ctx, input }) => newestShadow(ctx.db, input.profileId)),
});
