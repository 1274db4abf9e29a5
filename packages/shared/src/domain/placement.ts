import { z } from "zod";

/** A word (`north`) or a name and its value (`site=north`, `gpu=l4`): what a worker is, and what a camera asks for. */
export const labelSchema = z
  .string()
  .trim()
  .min(1)
  .max(60)
  .regex(/^[A-Za-z0-9][\w.-]*(=[\w.-]+)?$/, "A label is a word or name=value, of letters, digits, dots, dashes and underscores");

const labels = z.array(labelSchema).max(20).default([]);

/** Where a camera may run: on workers that have all labels of `require` and none of `exclude`, sooner on those with more of `prefer`. */
export const placementRuleSchema = z.object({ require: labels, prefer: labels, exclude: labels });
export type PlacementRule = z.infer<typeof placementRuleSchema>;
export const anywhere: PlacementRule = { require: [], prefer: [], exclude: [] };

/** What a worker can do at most, as it measured by what it did; null: not measured yet. */
export const capacitySchema = z.object({
  /** Inferred frames. */
  detectionsPerSecond: z.number().positive().nullable(),
  /** Decoded pixels: a 1080p camera at 25 frames a second sends 52 million. */
  pixelsPerSecond: z.number().positive().nullable(),
  memoryBytes: z.number().positive(),
  /** Whether the same cores decode and infer, so that either leaves less to the other. */
  sharedCores: z.boolean(),
});
export type Capacity = z.infer<typeof capacitySchema>;
