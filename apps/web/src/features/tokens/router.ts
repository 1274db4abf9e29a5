import { z } from "zod";
import { adminOnly, router } from "../../server/trpc.ts";
import { listTokens } from "./data.ts";
import { createToken, revokeToken } from "./mutations.ts";
import { tokenInputSchema } from "./schema.ts";

export const tokensRouter = router({
  list: adminOnly.meta({ summary: "Tokens of workers and programs, without what they are" }).query(({ ctx }) => listTokens(ctx.db)),
  create: adminOnly
    .meta({ summary: "Makes a token, and tells it this once" })
    .input(tokenInputSchema)
    .mutation(({ ctx, input }) => createToken(ctx.db, input, ctx.caller.name)),
  revoke: adminOnly
    .meta({ summary: "Ends a token; what uses it is disconnected" })
    .input(z.object({ id: z.uuid() }))
    .mutation(async ({ ctx, input }) => {
      await revokeToken(ctx.db, input.id, ctx.caller.name);
      await ctx.gateway.tokensChanged();
    }),
});
