import { clippedShare, HistogramObserver } from "../calibrate/observers.ts";
import type { RangeObserver } from "../calibrate/range-observer.ts";
import type { Calibration, QuantizedModel } from "../int8/quantize-model.ts";
import { type QuantParams, representableRange } from "../numeric/quant-params.ts";
import type { ActivationReport, ReportHistogram } from "./report.ts";

/** Bins that a plot can show. */
const BINS = 64;

/** Every value that has a Q/DQ pair, in the order of the plan. */
export function activationReports(
  { observers }: Pick<Calibration, "observers">,
  { plan }: Pick<QuantizedModel, "plan">,
): ActivationReport[] {
  return [...plan.pairs].map(([value, { params }]) => {
    const range = representableRange(params);
    const observer = observers.get(value);
    const seen = observer?.toJSON();
    return {
      value,
      range,
      observed: seen?.observed ?? null,
      scale: params.scale,
      zeroPoint: params.zeroPoint,
      dataType: params.dataType,
      clippedShare: observer ? clippedBy(observer, params) : null,
      histogram: seen?.histogram ? trimmed(seen.histogram, BINS) : null,
    };
  });
}

/** Outside means rounding to a level that does not exist: half a step beyond the ends is still rounded to them. */
function clippedBy(observer: RangeObserver, params: QuantParams): number | null {
  if (!(observer instanceof HistogramObserver)) return null;
  const { min, max } = representableRange(params);
  return clippedShare(observer.histogram.signed(), { min: min - params.scale / 2, max: max + params.scale / 2 });
}

/** Without empty ends, in at most `limit` bins, each of a whole number of the old ones. */
export function trimmed({ start, width, counts }: ReportHistogram, limit: number): ReportHistogram {
  const first = Math.max(
    0,
    counts.findIndex((count) => count > 0),
  );
  const last = Math.max(
    first,
    counts.findLastIndex((count) => count > 0),
  );
  const factor = Math.ceil((last - first + 1) / limit);
  const merged = new Array<number>(Math.ceil((last - first + 1) / factor)).fill(0);
  for (let k = first; k <= last; k++) merged[Math.floor((k - first) / factor)]! += counts[k]!;
  return { start: start + first * width, width: width * factor, counts: merged };
}
