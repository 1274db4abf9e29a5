import { z } from "zod";
import { boxSchema } from "../domain/detection.ts";

/** What a detector found: fractions of the picture, and the score, 0–1. */
export const scoredBoxSchema = boxSchema.extend({
  score: z.number(),
  /** Its class; absent where the detector has only one. */
  label: z.string().optional(),
});
export type ScoredBox = z.infer<typeof scoredBoxSchema>;
