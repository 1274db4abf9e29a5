import { z } from "zod";
import { adminOnly, router } from "../../server/trpc.ts";
import { listTokens } from "./data.ts";
import { createToken, revokeToken } from "./mutations.ts";
import { tokenInputSchema } from "./schema.ts";

export const tokensRouter = router({
  list: adminOnly.query(({ ctx }) => listTokens(ctx.db)),
  create: adminOnly.input(tokenInputSchema).mutation(({ ctx, input }) => createToken(ctx.db, input)),
  revoke: adminOnly.input(z.object({ id: z.uuid() })).mutation(async ({ ctx, input }) => {
    await revokeToken(ctx.db, input.id);
    await ctx.gateway.tokensChanged();
  }),
});
