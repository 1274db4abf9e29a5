import { z } from "zod";
import { type ErrorInfo, errorCodes } from "../errors.ts";

/** What crosses a process boundary of an error: never a stack, never a secret. */
export const errorInfoSchema = z.object({
  code: z.enum(errorCodes),
  message: z.string(),
  hint: z.string().optional(),
}) satisfies z.ZodType<ErrorInfo>;
