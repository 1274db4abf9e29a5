import { router, signedIn } from "../../server/trpc.ts";

export const siteRouter = router({
  me: signedIn
    .meta({ summary: "Who the caller is, and as what" })
    .query(({ ctx: { caller } }) => ({ email: caller.email, name: caller.name, role: caller.role, via: caller.via })),
  health: signedIn
    .meta({ summary: "Whether database and gateway work, how many workers and cameras there are" })
    .query(({ ctx }) => ctx.gateway.health()),
});
