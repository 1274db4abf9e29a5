import { accessTokenSchema, roleSchema } from "@octet/shared/domain/access";
import { z } from "zod";

export const tokenInputSchema = z.object({
  name: z.string().trim().min(1, "Enter a name").max(80),
  kind: accessTokenSchema.shape.kind,
  role: roleSchema.default("operator"),
});
export type TokenInput = z.output<typeof tokenInputSchema>;
