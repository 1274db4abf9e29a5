import { roleSchema } from "@octet/shared/domain/access";
import { AppError } from "@octet/shared/errors";
import { z } from "zod";
import { getAuth } from "../../server/auth.ts";
import { adminOnly, router, signedIn } from "../../server/trpc.ts";
import { listPeople } from "./data.ts";
import { changeOwnPassword, createPerson, type PersonAuthority, removePerson, resetPassword, setPersonRole } from "./mutations.ts";
import { ownPasswordSchema, passwordSchema, personInputSchema } from "./schema.ts";

const authority: PersonAuthority = {
  createUser: async (person) => {
    await getAuth().api.createUser({ body: person });
  },
  hashPassword: async (password) => (await getAuth().$context).password.hash(password),
  verifyPassword: async (input) => (await getAuth().$context).password.verify(input),
};
const idSchema = z.object({ id: z.string().min(1) });

export const peopleRouter = router({
  list: adminOnly.meta({ summary: "Who may sign in" }).query(({ ctx }) => listPeople(ctx.db)),
  create: adminOnly
    .meta({ summary: "Lets somebody sign in" })
    .input(personInputSchema)
    .mutation(({ ctx, input }) => createPerson(ctx.db, authority, input, ctx.caller.name)),
  setRole: adminOnly
    .meta({ summary: "Changes what somebody may do; the last admin stays one" })
    .input(idSchema.extend({ role: roleSchema }))
    .mutation(({ ctx, input }) => setPersonRole(ctx.db, input.id, input.role, ctx.caller.name)),
  remove: adminOnly
    .meta({ summary: "Lets somebody sign in no more, and ends their sessions" })
    .input(idSchema)
    .mutation(async ({ ctx, input }) => {
      await removePerson(ctx.db, input.id, ctx.caller.name);
      await ctx.gateway.sessionsChanged();
    }),
  resetPassword: adminOnly
    .meta({ summary: "Sets somebody's password, and ends their sessions" })
    .input(idSchema.extend({ password: passwordSchema }))
    .mutation(async ({ ctx, input }) => {
      await resetPassword(ctx.db, authority, input, ctx.caller.name);
      await ctx.gateway.sessionsChanged();
    }),
  changeOwnPassword: signedIn
    .meta({ summary: "Sets the caller's password; not for tokens, which have none" })
    .input(ownPasswordSchema)
    .mutation(async ({ ctx, input }) => {
      const { id: userId, name, sessionId } = ctx.caller;
      if (!sessionId) throw new AppError("FORBIDDEN", "A token has no password", { hint: "Sign in to change yours." });
      await changeOwnPassword(ctx.db, authority, { userId, sessionId, ...input }, name);
      await ctx.gateway.sessionsChanged();
    }),
});
