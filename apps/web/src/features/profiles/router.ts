import { gateSchema } from "@octet/shared/domain/profile";
import type { Caller } from "../../server/context.ts";
import { begun } from "../../server/jobs/begun.ts";
import { adminOnly, operator, router, signedIn } from "../../server/trpc.ts";
import { camerasOnAir, getProfile, listAudit, listProfiles, readGate, writeGate } from "./data.ts";
import {
  audit,
  benchmarkProfile,
  createProfile,
  importProfile,
  promoteProfile,
  rejectProfile,
  rollBack,
  startShadow,
  validateProfile,
} from "./mutations.ts";
import {
  profileBenchmarkSchema,
  profileCreateSchema,
  profileImportSchema,
  profileRefSchema,
  profileValidateSchema,
  promoteSchema,
  promotionRefSchema,
  rejectSchema,
  shadowSchema,
} from "./schema.ts";

const who = ({ id, name, role }: Caller) => ({ id, name, role });

export const profilesRouter = router({
  list: signedIn.query(({ ctx }) => listProfiles(ctx.db)),
  byId: signedIn.input(profileRefSchema).query(({ ctx, input }) => getProfile(ctx.db, input.id)),
  /** What each camera was promoted to, and what it runs. */
  onAir: signedIn.query(({ ctx }) => camerasOnAir(ctx.db, ctx.gateway.cameraStatuses())),
  gate: signedIn.query(({ ctx }) => readGate(ctx.db)),
  setGate: adminOnly.input(gateSchema).mutation(async ({ ctx, input }) => {
    const before = await readGate(ctx.db);
    await writeGate(ctx.db, input);
    await audit(ctx.db, ctx.caller.name, "gate.set", "site", { ...input, before });
  }),
  audit: adminOnly.query(({ ctx }) => listAudit(ctx.db, 200)),
  create: operator.input(profileCreateSchema).mutation(({ ctx, input }) => begun(ctx, createProfile(ctx.db, input, who(ctx.caller)))),
  importQat: operator.input(profileImportSchema).mutation(({ ctx, input }) => begun(ctx, importProfile(ctx.db, input, who(ctx.caller)))),
  validate: operator.input(profileValidateSchema).mutation(({ ctx, input }) => begun(ctx, validateProfile(ctx.db, input, who(ctx.caller)))),
  benchmark: operator
    .input(profileBenchmarkSchema)
    .mutation(({ ctx, input }) => begun(ctx, benchmarkProfile(ctx.db, input, who(ctx.caller)))),
  reject: operator.input(rejectSchema).mutation(async ({ ctx, input }) => {
    await rejectProfile(ctx.db, input.id, input.reason, who(ctx.caller));
    await ctx.gateway.camerasChanged();
  }),
  promote: operator.input(promoteSchema).mutation(async ({ ctx, input }) => {
    const result = await promoteProfile(ctx.db, input, who(ctx.caller));
    await ctx.gateway.camerasChanged();
    return result;
  }),
  rollBack: operator.input(promotionRefSchema).mutation(async ({ ctx, input }) => {
    await rollBack(ctx.db, input.promotionId, who(ctx.caller));
    await ctx.gateway.camerasChanged();
  }),
  shadow: operator.input(shadowSchema).mutation(async ({ ctx, input }) => {
    const result = await startShadow(ctx.db, input, who(ctx.caller));
    await ctx.gateway.camerasChanged();
    return result;
  }),
});
