import { operator, router, signedIn } from "../../server/trpc.ts";
import { countOpen, listAlarms } from "./data.ts";
import { acknowledgeAlarm } from "./mutations.ts";
import { alarmRefSchema, listAlarmsSchema } from "./schema.ts";

export const alarmsRouter = router({
  list: signedIn
    .meta({ summary: "What needs attention, and what did; newest first, by pages" })
    .input(listAlarmsSchema)
    .query(({ ctx, input }) => listAlarms(ctx.db, input)),
  count: signedIn.meta({ summary: "How many alarms are open" }).query(({ ctx }) => countOpen(ctx.db)),
  acknowledge: operator
    .meta({ summary: "Notes that the caller has seen an alarm; it stays open until its cause has passed" })
    .input(alarmRefSchema)
    .mutation(async ({ ctx, input }) => {
      const alarm = await acknowledgeAlarm(ctx.db, input.id, ctx.caller.name);
      ctx.gateway.changed("alarms");
      return alarm;
    }),
});
