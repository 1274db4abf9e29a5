import type { inferRouterOutputs } from "@trpc/server";
import type { AppRouter } from "@/server/root";

export type Profile = inferRouterOutputs<AppRouter>["profiles"]["list"][number];

export const precisionNames: Record<Profile["precision"], string> = {
  fp32: "FP32",
  fp16: "FP16",
  "int8-ptq": "INT8 PTQ",
  "int8-qat": "INT8 QAT",
};

/** The figure that a model is first judged by: WIDER's hard subset, else AP. */
export function mainAp({ validation }: Profile): { name: string; subject: number; reference: number } | null {
  if (!validation) return null;
  const name = ["hard", "medium", "easy", "ap", "ap50"].find((key) => typeof validation.subject.ap[key] === "number");
  return name === undefined
    ? null
    : { name, subject: validation.subject.ap[name]!, reference: validation.reference.ap[name] ?? Number.NaN };
}

/** One image, ms: the median at the smallest batch. */
export function latencyOf({ benchmark }: Profile): number | null {
  const [first] = benchmark ? [...benchmark.batches].sort((a, b) => a.batch - b.batch) : [];
  return first ? first.latencyMs.p50 / first.batch : null;
}

/**
 * A profile's AP and latency for the plot. FP32 has neither proof of its own: others were measured against it, so that its
 * figures are those of their references.
 */
export interface PlotPoint {
  id: string;
  name: string;
  precision: Profile["precision"];
  ap: number;
  ms: number;
}

export function plotPoints(profiles: readonly Profile[]): PlotPoint[] {
  const points = profiles.flatMap((profile): PlotPoint[] => {
    const ap = mainAp(profile)?.subject;
    const ms = latencyOf(profile);
    return ap === undefined || ms === null ? [] : [{ id: profile.id, name: profile.name, precision: profile.precision, ap, ms }];
  });
  const proven = profiles.find(({ validation, benchmark }) => validation && benchmark?.reference);
  const float = profiles.find(({ precision }) => precision === "fp32");
  const reference = proven && mainAp(proven)?.reference;
  if (float && reference !== undefined && !points.some(({ id }) => id === float.id))
    points.push({ id: float.id, name: float.name, precision: "fp32", ap: reference, ms: proven!.benchmark!.reference!.latencyMs.p50 });
  return points;
}

/** Those that no other beats in both, from fast to slow. */
export function pareto(points: readonly PlotPoint[]): PlotPoint[] {
  return points
    .filter(
      (one) =>
        !points.some((other) => other !== one && other.ap >= one.ap && other.ms <= one.ms && (other.ap > one.ap || other.ms < one.ms)),
    )
    .sort((a, b) => a.ms - b.ms);
}
