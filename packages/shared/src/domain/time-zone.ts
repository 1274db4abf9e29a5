import { z } from "zod";

/** IANA name of the zone that this process, or this browser, runs in. */
export const ownTimeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

export const timeZoneSchema = z.string().max(64).refine(isTimeZone, "Give an IANA time zone, such as Asia/Shanghai");

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
