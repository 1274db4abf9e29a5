import { type Alarm, alarmSchema } from "@octet/shared/domain/alarm";
import { AppError } from "@octet/shared/errors";
import { z } from "zod";
import type { OctetApi } from "./api.ts";

export const alarmsPageSchema = z.object({ items: z.array(alarmSchema), nextCursor: z.string().nullable() });

/** An open alarm by its id, or by so much of its end that one alone ends so. @throws AppError NOT_FOUND */
export async function findAlarmId(api: OctetApi, text: string): Promise<string> {
  const wanted = text.trim().toLowerCase();
  if (z.uuid().safeParse(wanted).success) return wanted;
  const { items } = await api.query("alarms.list", { limit: 200 }, alarmsPageSchema);
  const found = wanted.length >= 4 ? items.filter(({ id }) => id.endsWith(wanted)) : [];
  if (found.length === 1) return found[0]!.id;
  throw new AppError("NOT_FOUND", found.length > 1 ? `Several alarms end with "${text}"` : `There is no alarm "${text}"`, {
    hint: "See `octet alarms list`.",
  });
}

export const stateOf = ({ clearedAt, acknowledgedAt }: Alarm): string =>
  `${clearedAt ? "cleared" : "open"}${acknowledgedAt ? ", seen" : ""}`;
