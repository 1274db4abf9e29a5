import { router, signedIn } from "../../server/trpc.ts";

export const siteRouter = router({
  me: signedIn.query(({ ctx }) => ctx.caller),
  health: signedIn.query(({ ctx }) => ctx.gateway.health()),
});
