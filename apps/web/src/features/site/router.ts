import { router, signedIn } from "../../server/trpc.ts";

export const siteRouter = router({
  me: signedIn.query(({ ctx: { caller } }) => ({ email: caller.email, name: caller.name, role: caller.role, via: caller.via })),
  health: signedIn.query(({ ctx }) => ctx.gateway.health()),
});
