import { jobIdSchema, jobKindSchema, jobStateSchema } from "@octet/shared/domain/job";
import { z } from "zod";

export const listJobsSchema = z.object({
  states: z.array(jobStateSchema).optional(),
  kinds: z.array(jobKindSchema).optional(),
  subjectId: z.uuid().optional(),
  limit: z.number().int().min(1).max(200).default(50),
  /** `nextCursor` of the page before. */
  cursor: jobIdSchema.nullish(),
});
export type ListJobs = z.output<typeof listJobsSchema>;

export const jobByIdSchema = z.object({
  id: jobIdSchema,
  /** `olderCursor` of the page before; without it, the newest lines. */
  logBefore: z
    .string()
    .regex(/^\d{1,18}$/)
    .nullish(),
  logLimit: z.number().int().min(0).max(2000).default(200),
});
export type JobById = z.output<typeof jobByIdSchema>;
