import { z } from "zod";

export const listAlarmsSchema = z.object({
  /** true: only what has not passed; false: only what has. */
  open: z.boolean().optional(),
  limit: z.number().int().min(1).max(200).default(50),
  /** `nextCursor` of the page before. */
  cursor: z.uuid().nullish(),
});
export type ListAlarms = z.output<typeof listAlarmsSchema>;

export const alarmRefSchema = z.object({ id: z.uuid() });
