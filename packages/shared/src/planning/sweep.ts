import { AppError } from "../errors.ts";
import { type Plan, plan } from "./plan.ts";
import type { PlanRequest } from "./plan-input.ts";
import { planInputSchema } from "./plan-input.ts";
import { type Precision, precisions } from "./precision.ts";
import type { Resource } from "./resources.ts";
import { siteOf, usageAt } from "./site.ts";

export interface SweepPoint {
  streams: number;
  loads: Record<Resource, number>;
}

/** Loads against the number of streams, from 1 to `most`, at `points` places or fewer. */
export function sweep(request: PlanRequest, most: number, points = 60): SweepPoint[] {
  const site = siteOf(planInputSchema.parse(request));
  const last = Math.max(2, Math.round(most));
  const counts = Array.from({ length: points }, (_, index) => Math.round(1 + ((last - 1) * index) / (points - 1)));
  return [...new Set(counts)].map((streams) => ({
    streams,
    loads: Object.fromEntries(usageAt(site, streams).loads.map(({ resource, load }) => [resource, load])) as SweepPoint["loads"],
  }));
}

/** The same site in each precision; an error's message where one cannot be planned. */
export function comparePrecisions(request: PlanRequest): { precision: Precision; plan: Plan | null; reason: string | null }[] {
  return precisions.map((precision) => {
    try {
      return { precision, plan: plan({ ...request, precision }), reason: null };
    } catch (error) {
      if (error instanceof AppError) return { precision, plan: null, reason: error.message };
      throw error;
    }
  });
}
