import { alarmSchema } from "@octet/shared/domain/alarm";
import type { Command } from "commander";
import type { CommandContext } from "../../context.ts";
import { exitCodes } from "../../output/output.ts";
import { findAlarmId } from "../../server/alarms.ts";
import { openApi } from "../../server/open-api.ts";

/** `octet alarms ack ALARM` */
export function addAlarmsAck(alarms: Command, context: CommandContext): void {
  alarms
    .command("ack")
    .description("Note that you have seen an alarm; it stays open until its cause has passed")
    .argument("<alarm>", "its id, or the end of it")
    .option("--json", "one JSON document on stdout")
    .action(
      context.action(async (text: string) => {
        const api = await openApi(context);
        const alarm = await api.mutate("alarms.acknowledge", { id: await findAlarmId(api, text) }, alarmSchema);
        context.output.result({ alarm }, () => `Acknowledged: ${alarm.subjectName}: ${alarm.message}`);
        return exitCodes.done;
      }),
    );
}
