/** What one camera asks of the sessions. */
export interface Claim {
  id: string;
  /** Frames a second. */
  asked: number;
  /** Frames a second that it gets before another gets more than its own. */
  floor: number;
  /** Those of a higher one get what they ask for before those of a lower one get more than their floor. */
  priority: number;
  /** Share of all sessions' time that one frame a second takes. */
  cost: number;
}

/** A rate under it is none: it would be a frame every minute or rarer. */
const LEAST = 1 / 60;

/**
 * Max-min fair rates: within a priority all get the same rate, except who asks for less. Where not even the floors fit, the
 * first in order of priority, then of the list, are admitted, and the others get 0.
 * @param budget share of the sessions' time to be given away, 0–1
 * @param admission share that floors may take, where that is another
 * @returns frames a second by id
 */
export function fairShares(claims: readonly Claim[], budget: number, admission = budget): Map<string, number> {
  const order = claims.map((claim, index) => ({ ...claim, index, rate: 0 }));
  order.sort((a, b) => b.priority - a.priority || a.index - b.index);
  let room = admission;
  for (const claim of order) {
    const floor = Math.min(claim.asked, claim.floor);
    if (floor * claim.cost > room + 1e-12) continue;
    claim.rate = floor;
    room -= floor * claim.cost;
  }
  let left = Math.max(0, budget - (admission - room));
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && order[to]!.priority === order[from]!.priority) to++;
    left -= raise(
      order.slice(from, to).filter(({ rate }) => rate > 0),
      left,
    );
    from = to;
  }
  return new Map(order.map(({ id, rate }) => [id, rate < LEAST ? 0 : rate]));
}

/** Raises all to one level, or to what they ask for, as far as `budget` goes. @returns what that took */
function raise(claims: { asked: number; rate: number; cost: number }[], budget: number): number {
  const costAt = (level: number): number =>
    claims.reduce((sum, { asked, rate, cost }) => sum + Math.max(0, Math.min(asked, level) - rate) * cost, 0);
  let low = 0;
  let high = claims.reduce((most, { asked }) => Math.max(most, asked), 0);
  if (costAt(high) > budget)
    for (let step = 0; step < 50; step++) {
      const middle = (low + high) / 2;
      if (costAt(middle) > budget) high = middle;
      else low = middle;
    }
  else low = high;
  const spent = costAt(low);
  for (const claim of claims) claim.rate = Math.max(claim.rate, Math.min(claim.asked, low));
  return spent;
}
