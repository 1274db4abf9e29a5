import { roleSchema } from "@octet/shared/domain/access";
import { z } from "zod";

export const passwordSchema = z.string().min(8, "At least 8 characters").max(128);
export const ownPasswordSchema = z.object({
  currentPassword: z.string().min(1, "Enter your current password"),
  newPassword: passwordSchema,
});
export const personInputSchema = z.object({
  email: z.email("Enter an e-mail address"),
  name: z.string().trim().min(1, "Enter a name").max(80),
  password: passwordSchema,
  role: roleSchema.default("viewer"),
});
export type PersonInput = z.output<typeof personInputSchema>;

export const personSchema = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  role: roleSchema.catch("viewer"),
  createdAt: z.date(),
});
export type Person = z.infer<typeof personSchema>;
