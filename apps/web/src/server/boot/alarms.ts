import type { Database } from "@octet/db/client";
import type { Logger } from "pino";
import { alarmSubjects, openKeys } from "../../features/alarms/data.ts";
import { clearAlarms, raiseAlarms } from "../../features/alarms/mutations.ts";
import { camerasWithoutAddress } from "../../features/cameras/data.ts";
import { gatherFacts } from "../alarms/facts.ts";
import { AlarmMonitor } from "../alarms/monitor.ts";
import { AlarmWebhook } from "../alarms/webhook.ts";
import type { Gateway } from "../gateway/gateway.ts";

/** Has alarms raised and cleared by what the gateway sees, kept in the database, shown and sent on. */
export function watchAlarms({
  db,
  gateway,
  budgetMs,
  webhookUrl,
  mayLook = () => true,
  logger,
}: {
  db: Database;
  gateway: Gateway;
  budgetMs: number;
  webhookUrl: string | null;
  /** Of several web processes one looks: the one that places cameras. */
  mayLook?: () => boolean;
  logger: Logger;
}): { close(): Promise<void> } {
  const webhook = webhookUrl ? new AlarmWebhook({ url: webhookUrl, logger }) : null;
  const monitor = new AlarmMonitor({
    facts: async () => gatherFacts(budgetMs, await alarmSubjects(db, camerasWithoutAddress(db)), gateway.alarmSight()),
    openKeys: () => openKeys(db),
    raise: (raised, now) => raiseAlarms(db, raised, now),
    clear: (keys, now) => clearAlarms(db, keys, now),
    mayLook,
    onEvents: (events) => {
      gateway.changed("alarms");
      webhook?.send(events);
    },
    logger,
  });
  monitor.start();
  return {
    close: async () => {
      await monitor.close();
      await webhook?.close();
    },
  };
}
