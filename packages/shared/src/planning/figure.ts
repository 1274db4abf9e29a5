import { z } from "zod";

/** How a figure is known, the most certain first. */
export const figureSources = ["measured", "published", "estimated"] as const;
export const figureSourceSchema = z.enum(figureSources);
export type FigureSource = z.infer<typeof figureSourceSchema>;

/** A number that says how it is known and where it is from. */
export interface Figure {
  value: number;
  source: FigureSource;
  from: string;
}

export const measured = (value: number, from: string): Figure => ({ value, source: "measured", from });
export const published = (value: number, from: string): Figure => ({ value, source: "published", from });
export const estimated = (value: number, from: string): Figure => ({ value, source: "estimated", from });

/** What is computed of several figures is known no better than the least certain of them. */
export function leastCertain(...sources: readonly FigureSource[]): FigureSource {
  return figureSources[Math.max(...sources.map((source) => figureSources.indexOf(source)))]!;
}
