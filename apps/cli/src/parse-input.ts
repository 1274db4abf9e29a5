import { AppError } from "@octet/shared/errors";
import type { z } from "zod";

/** Checks what a person entered against its schema. @throws AppError BAD_INPUT that names every problem */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: z.input<Schema>): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new AppError(
    "BAD_INPUT",
    parsed.error.issues.map((issue) => [...(issue.path.length ? [issue.path.join(".")] : []), issue.message].join(": ")).join("; "),
  );
}
