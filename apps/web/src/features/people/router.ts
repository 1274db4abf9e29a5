import { roleSchema } from "@octet/shared/domain/access";
import { z } from "zod";
import { getAuth } from "../../server/auth.ts";
import { adminOnly, router } from "../../server/trpc.ts";
import { listPeople } from "./data.ts";
import { createPerson, type PersonAuthority, removePerson, resetPassword, setPersonRole } from "./mutations.ts";
import { passwordSchema, personInputSchema } from "./schema.ts";

const authority: PersonAuthority = {
  createUser: async ({ role, ...input }) => {
    await getAuth().api.createUser({ body: { ...input, role } });
  },
  hashPassword: async (password) => (await getAuth().$context).password.hash(password),
};
const idSchema = z.object({ id: z.string().min(1) });

export const peopleRouter = router({
  list: adminOnly.query(({ ctx }) => listPeople(ctx.db)),
  create: adminOnly.input(personInputSchema).mutation(({ ctx, input }) => createPerson(ctx.db, authority, input)),
  setRole: adminOnly.input(idSchema.extend({ role: roleSchema })).mutation(({ ctx, input }) => setPersonRole(ctx.db, input.id, input.role)),
  remove: adminOnly.input(idSchema).mutation(({ ctx, input }) => removePerson(ctx.db, input.id)),
  resetPassword: adminOnly
    .input(idSchema.extend({ password: passwordSchema }))
    .mutation(({ ctx, input }) => resetPassword(ctx.db, authority, input.id, input.password)),
});
