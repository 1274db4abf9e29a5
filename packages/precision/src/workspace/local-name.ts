import { AppError } from "@octet/shared/errors";
import { z } from "zod";

/** A name that is a folder's too, on any system: letters, digits, blanks, and . _ - ( ) + inside. */
export const localNameSchema = z
  .string()
  .max(120)
  .regex(/^[\p{L}\p{N}](?:[\p{L}\p{N} ._()+-]*[\p{L}\p{N}_)+-])?$/u, "Letters, digits, blanks and . _ - ( ) + make a name");

/** @throws AppError BAD_INPUT */
export function checkLocalName(name: string): string {
  const parsed = localNameSchema.safeParse(name.trim());
  if (parsed.success) return parsed.data;
  throw new AppError("BAD_INPUT", `"${name}" cannot be a name in a workspace`, {
    hint: "It is a folder's name: letters, digits, blanks and . _ - ( ) +, beginning with a letter or digit, at most 120.",
  });
}
