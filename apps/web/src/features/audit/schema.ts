import { auditKindSchema } from "@octet/shared/domain/audit-action";
import { z } from "zod";

export const listAuditSchema = z.object({
  kind: auditKindSchema.optional(),
  /** Words that an entry holds, all of them, whatever their case. */
  search: z.string().trim().max(200).default(""),
  limit: z.number().int().min(1).max(200).default(50),
  /** `nextCursor` of the page before. */
  cursor: z
    .string()
    .regex(/^\d{1,18}$/)
    .nullish(),
});
export type ListAudit = z.output<typeof listAuditSchema>;
