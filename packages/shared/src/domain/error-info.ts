import { z } from "zod";
import { type ErrorInfo, errorCodes } from "../errors.ts";

/** What crosses a process boundary of an error: never a stack, never a secret. */
export const errorInfoSchema = z.object({
  // A newer version's code must not cost the message that it comes in.
  code: z.enum(errorCodes).catch("INTERNAL"),
  message: z.string(),
  hint: z.string().optional(),
}) satisfies z.ZodType<ErrorInfo>;
