/** One group as the search sees it. */
export interface SearchGroup {
  name: string;
  /** SQNR in dB at the heads with this group alone quantised (`measureSensitivity`). */
  sqnrDb: number;
  /** What int8 saves here, in any one unit (milliseconds, MACs). The latency search wants it of every group. */
  latencyGain?: number;
}

/** What `evaluate` measured. Metrics are in points, 0…100, larger being better; latency is that of one image. */
export interface Evaluation {
  metrics?: Readonly<Record<string, number>>;
  latencyMs?: number;
}

export interface SearchStep {
  /** Groups that stay float here. */
  floatGroups: string[];
  metrics: Record<string, number> | null;
  /** The largest loss in any metric against the float model, in points; null without metrics. */
  drop: number | null;
  latencyMs: number | null;
  /** Whether it keeps to the budget. */
  met: boolean;
}

export interface SearchResult {
  /** False where not even the last resort keeps to the budget; then it is the chosen one. */
  met: boolean;
  chosen: SearchStep;
  /** All that was measured, in the order it was. */
  steps: SearchStep[];
}

interface SearchOptions {
  /** The bytes of the model in which these groups stay float. */
  build(floatGroups: readonly string[]): Uint8Array | Promise<Uint8Array>;
  evaluate(model: Uint8Array, floatGroups: readonly string[]): Evaluation | Promise<Evaluation>;
  /** Metrics of the float model. */
  float?: Readonly<Record<string, number>>;
  onStep?(step: SearchStep): void;
  signal?: AbortSignal;
}

export interface AccuracySearchOptions extends SearchOptions {
  float: Readonly<Record<string, number>>;
  /** Points that each metric may lose against the float model. */
  maxDrop: number;
}

export interface LatencySearchOptions extends SearchOptions {
  maxLatencyMs: number;
}

/**
 * Quantises as much as the accuracy budget allows: from all-int8 on groups are kept float, those first that make most noise
 * (for what they save, where that is known of every group), until every metric lies within `maxDrop` points of the float model's. How many there must be is found by doubling
 * and then halving, with about 2·log2 of their number evaluations. That takes for granted that more float does not cost
 * accuracy; where noise of the measurement breaks it, the result still is a model that was measured to keep to the budget.
 * Without a step that does, all groups are float in the chosen one. A metric that `evaluate` leaves out counts as lost.
 */
export function searchByAccuracy(groups: readonly SearchGroup[], options: AccuracySearchOptions): Promise<SearchResult> {
  const known = groups.every(({ latencyGain }) => latencyGain !== undefined);
  // What saves nothing costs nothing in float: such groups go by their noise alone, before all others.
  const noise = (group: SearchGroup): number =>
    known && group.latencyGain! > 0 ? noisePower(group) / group.latencyGain! : noisePower(group);
  const isFree = (group: SearchGroup): number => (known && group.latencyGain! <= 0 ? 0 : 1);
  const order = [...groups].sort((a, b) => isFree(a) - isFree(b) || compare(noise(b), noise(a))).map(({ name }) => name);
  const isMet = ({ drop }: SearchStep): boolean => drop !== null && drop <= options.maxDrop;
  return smallestPrefix(groups.length, (count) => order.slice(0, count), isMet, options);
}

/**
 * Keeps as much float as the latency budget allows: from all-float on groups are quantised, those first that save most for
 * what they cost. Cost is noise power at the heads, 10^(−dB/10), which adds up over groups as decibels do not. Groups
 * that int8 does not make faster stay float.
 */
export function searchByLatency(groups: readonly SearchGroup[], options: LatencySearchOptions): Promise<SearchResult> {
  const worth = (group: SearchGroup): number => (group.latencyGain ?? 0) / noisePower(group);
  const gaining = groups.filter(({ latencyGain = 0 }) => latencyGain > 0).sort((a, b) => compare(worth(b), worth(a)));
  const isMet = ({ latencyMs }: SearchStep): boolean => latencyMs !== null && latencyMs <= options.maxLatencyMs;
  const floatOf = (count: number): string[] => {
    const integer = new Set(gaining.slice(0, count).map(({ name }) => name));
    return groups.filter(({ name }) => !integer.has(name)).map(({ name }) => name);
  };
  return smallestPrefix(gaining.length, floatOf, isMet, options);
}

/** Adds up over groups, as decibels do not. */
const noisePower = ({ sqnrDb }: SearchGroup): number => 10 ** (-sqnrDb / 10);

/** Unlike a difference, good for infinities. */
const compare = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);

/** The fewest of the ordered groups to change so that a step is met: 0, 1, 2, 4, … until one is, then halving between. */
async function smallestPrefix(
  total: number,
  floatGroupsOf: (count: number) => string[],
  isMet: (step: SearchStep) => boolean,
  { build, evaluate, float, onStep, signal }: SearchOptions,
): Promise<SearchResult> {
  const steps: SearchStep[] = [];
  const measure = async (count: number): Promise<SearchStep> => {
    signal?.throwIfAborted();
    const floatGroups = floatGroupsOf(count);
    const { metrics, latencyMs } = await evaluate(await build(floatGroups), floatGroups);
    const step = { floatGroups, metrics: metrics ? { ...metrics } : null, drop: dropOf(float, metrics), latencyMs: latencyMs ?? null };
    const judged = { ...step, met: isMet({ ...step, met: false }) };
    steps.push(judged);
    onStep?.(judged);
    return judged;
  };
  let failed = -1;
  let reached = 0;
  let chosen = await measure(0);
  while (!chosen.met && reached < total) {
    failed = reached;
    reached = Math.min(total, Math.max(1, reached * 2));
    chosen = await measure(reached);
  }
  if (!chosen.met) return { met: false, chosen, steps };
  while (reached - failed > 1) {
    const middle = (failed + reached) >> 1;
    const step = await measure(middle);
    if (step.met) {
      reached = middle;
      chosen = step;
    } else failed = middle;
  }
  return { met: true, chosen, steps };
}

function dropOf(float: SearchOptions["float"], metrics: Evaluation["metrics"]): number | null {
  if (!float || !metrics) return null;
  const drops = Object.entries(float).map(([name, value]) => value - (metrics[name] ?? Number.NEGATIVE_INFINITY));
  // NaN is no accuracy at all.
  return drops.length === 0 ? null : Math.max(...drops.map((drop) => (Number.isNaN(drop) ? Number.POSITIVE_INFINITY : drop)));
}

/** Steps that no other beats in both latency and drop, by latency: the line of the trade-off. */
export function paretoFront<T extends Pick<SearchStep, "drop" | "latencyMs">>(steps: readonly T[]): T[] {
  const known = steps.filter(({ drop, latencyMs }) => drop !== null && latencyMs !== null);
  const sorted = known.sort((a, b) => a.latencyMs! - b.latencyMs! || a.drop! - b.drop!);
  const front: T[] = [];
  for (const step of sorted) if (front.length === 0 || step.drop! < front.at(-1)!.drop!) front.push(step);
  return front;
}
