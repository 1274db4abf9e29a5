import { jobSchema } from "@octet/shared/domain/job";
import { AppError } from "@octet/shared/errors";
import { z } from "zod";
import type { OctetApi } from "./api.ts";

export const jobDetailSchema = jobSchema.extend({
  payload: z.unknown(),
  result: z.unknown(),
  createdBy: z.string().nullable(),
  log: z.object({
    /** Oldest first. */
    lines: z.array(z.object({ id: z.string(), at: z.coerce.date(), text: z.string() })),
    olderCursor: z.string().nullable(),
  }),
});
export type JobDetail = z.output<typeof jobDetailSchema>;

export const jobsPageSchema = z.object({ items: z.array(jobSchema), nextCursor: z.string().nullable() });

/** @param logLimit newest lines of its log */
export const jobById = (api: OctetApi, id: string, logLimit: number): Promise<JobDetail> =>
  api.query("jobs.byId", { id, logLimit }, jobDetailSchema);

/** A job's id as a person gives it: whole, or so much of its end that one of the newest jobs ends so. @throws AppError NOT_FOUND */
export async function findJobId(api: OctetApi, text: string): Promise<string> {
  const wanted = text.trim().toLowerCase();
  if (z.uuid().safeParse(wanted).success) return wanted;
  const { items } = await api.query("jobs.list", { limit: 200 }, jobsPageSchema);
  const found = wanted.length >= 4 ? items.filter(({ id }) => id.endsWith(wanted)) : [];
  if (found.length === 1) return found[0]!.id;
  throw new AppError("NOT_FOUND", found.length > 1 ? `Several jobs end with "${text}"` : `There is no job "${text}"`, {
    hint: "See `octet jobs list`.",
  });
}
