import { gateSchema } from "@octet/shared/domain/profile";
import type { Caller } from "../../server/context.ts";
import { begun } from "../../server/jobs/begun.ts";
import { adminOnly, operator, router, signedIn } from "../../server/trpc.ts";
import { camerasOnAir, getProfile, listProfiles, readGate } from "./data.ts";
import {
  benchmarkProfile,
  createProfile,
  importProfile,
  promoteProfile,
  rejectProfile,
  rollBack,
  setGate,
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
  list: signedIn
    .meta({ summary: "Profiles with their newest proof, what the gate says and where they run" })
    .query(({ ctx }) => listProfiles(ctx.db)),
  byId: signedIn
    .meta({ summary: "One profile" })
    .input(profileRefSchema)
    .query(({ ctx, input }) => getProfile(ctx.db, input.id)),
  onAir: signedIn
    .meta({ summary: "What each camera was promoted to, and what it runs" })
    .query(({ ctx }) => camerasOnAir(ctx.db, ctx.gateway.cameraStatuses())),
  gate: signedIn.meta({ summary: "What a profile must show before it is promoted" }).query(({ ctx }) => readGate(ctx.db)),
  setGate: adminOnly
    .meta({ summary: "Sets the gate as a whole; what is left out gets its default" })
    .input(gateSchema)
    .mutation(({ ctx, input }) => setGate(ctx.db, input, who(ctx.caller))),
  create: operator
    .meta({ summary: "Begins a job that builds a profile" })
    .input(profileCreateSchema)
    .mutation(({ ctx, input }) => begun(ctx, createProfile(ctx.db, input, who(ctx.caller)))),
  importQat: operator
    .meta({ summary: "Begins a job that checks an uploaded INT8 model and makes a profile of it" })
    .input(profileImportSchema)
    .mutation(({ ctx, input }) => begun(ctx, importProfile(ctx.db, input, who(ctx.caller)))),
  validate: operator
    .meta({ summary: "Begins a job that measures a profile's accuracy beside FP32's" })
    .input(profileValidateSchema)
    .mutation(({ ctx, input }) => begun(ctx, validateProfile(ctx.db, input, who(ctx.caller)))),
  benchmark: operator
    .meta({ summary: "Begins a job that measures a profile's speed" })
    .input(profileBenchmarkSchema)
    .mutation(({ ctx, input }) => begun(ctx, benchmarkProfile(ctx.db, input, who(ctx.caller)))),
  reject: operator
    .meta({ summary: "Says that a profile is not to be used, and why" })
    .input(rejectSchema)
    .mutation(async ({ ctx, input }) => {
      await rejectProfile(ctx.db, input.id, input.reason, who(ctx.caller));
      await ctx.gateway.camerasChanged();
    }),
  promote: operator
    .meta({ summary: "Puts a profile to work where the gate lets it; an override needs an admin" })
    .input(promoteSchema)
    .mutation(async ({ ctx, input }) => {
      const result = await promoteProfile(ctx.db, input, who(ctx.caller));
      await ctx.gateway.camerasChanged();
      return result;
    }),
  rollBack: operator
    .meta({ summary: "Ends a promotion or a shadow: what ran before runs again" })
    .input(promotionRefSchema)
    .mutation(async ({ ctx, input }) => {
      await rollBack(ctx.db, input.promotionId, who(ctx.caller));
      await ctx.gateway.camerasChanged();
    }),
  shadow: operator
    .meta({ summary: "Lets a profile see a share of the live frames beside the active one" })
    .input(shadowSchema)
    .mutation(async ({ ctx, input }) => {
      const result = await startShadow(ctx.db, input, who(ctx.caller));
      await ctx.gateway.camerasChanged();
      return result;
    }),
});
