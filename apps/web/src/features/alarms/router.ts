import { operator, router, signedIn } from "../../server/trpc.ts";
import { countOpen, listAlarms } from "./data.ts";
import { acknowledgeAlarm } from "./mutations.ts";
import { alarmRefSchema, listAlarmsSchema } from "./schema.ts";

export const alarmsRouter = router({
  list: signedIn.input(listAlarmsSchema).query(({ ctx, input }) => listAlarms(ctx.db, input)),
  count: signedIn.query(({ ctx }) => countOpen(ctx.db)),
  acknowledge: operator.input(alarmRefSchema).mutation(async ({ ctx, input }) => {
    const alarm = await acknowledgeAlarm(ctx.db, input.id, ctx.caller.name);
    ctx.gateway.changed("alarms");
    return alarm;
  }),
});
