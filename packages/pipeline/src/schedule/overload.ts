import { type Claim, fairShares } from "./fair-shares.ts";

export interface OverloadOptions {
  /** Share of the sessions' time that cameras get under overload, and more while frames wait little. Default 0.97: staggered frames queue little. */
  target?: number;
  /** Share that must be asked for before any rate is lowered. Default 1. */
  enter?: number;
}

export interface Reading {
  claims: readonly Claim[];
  /** Frames since the last reading that were offered; and those that were replaced, given up as too late, or done too late. */
  offered: number;
  lost: number;
  /** Mean share of the time that frames could have waited for a session, and be in time, that they did wait, 0–1; absent or null: unknown. */
  waited?: number | null;
}

export interface Granted {
  /** Frames a second by camera; 0: it does not run for now. */
  rates: Map<string, number>;
  /** Rates are lower than asked for. */
  restricted: boolean;
  /** Share of the sessions' time that is asked for, 0–1 and more. */
  demand: number;
  /** So many cameras came just now that what was measured meanwhile is of their coming. */
  unsettled: boolean;
  /** All of them are there, since this reading. */
  settled: boolean;
}

/**
 * Shares of lost frames that make rates fall, though the sessions seem to suffice, each with the readings that it is taken
 * over: many within seconds; or, over a minute, more than leave 98.5 in 100 in time. Over few seconds so small a share
 * is chance: of 40 frames a second it is less than one.
 */
const SOON = { readings: 6, share: 0.05 };
const LATER = { readings: 60, share: 0.015 };
/** So many readings must have lost frames: one alone is an accident. */
const BAD_READINGS = 3;
/** Newcomers that ask for more of the whole send more than fits until they are told of their rate: what is lost then says nothing. */
const NEWCOMERS = 0.05;
const LEAST_TARGET = 0.2;
/** A fall takes away what was lost, within these bounds: what is lost is not done anyway, and many lost at once may be an accident. */
const LEAST_FALL = 0.03;
const MOST_FALL = 0.3;
/** What a good reading gives back. */
const RISE = 1.02;
/**
 * What a frame costs is smoothed, and what is kept free of it may be too much: while frames wait for less than the first share
 * of the time that they could, a session waits for frames, and each reading gives away a little more; from the second on a
 * little less, down to `target`. So a session is in use all the time, behind a queue that is a small part of the budget.
 */
const WAITED = { little: 0.12, long: 0.25 };
const CREEP = 1.003;
const RETREAT = 0.985;
/** Over `target`. What a frame costs is never measured worse than that. */
const MOST_OVER = 1.15;
/** Good readings before the share rises again: so many after a first fall, twice as many after each that came of rising. */
const FIRST_HOLD = 10;
const LONGEST_HOLD = 160;
/** Readings in a row in which the floors of all do not fit before a camera is left out, and do fit before it comes back. */
const ADMISSION_READINGS = 10;

/**
 * Keeps latency down under overload by lowering rates: at the source, so that neither scaling nor (by decode economy)
 * decoding is done for frames that nobody could infer. To be read once a second. Goes by the measured cost of a frame; where
 * frames are lost all the same (other work on the host), by that: the share given away falls by what is lost, stays there for a
 * while, and recovers slowly; a rise that ends in the next fall makes the next stay twice as long, so that a host that cannot do more
 * is not tried out every few seconds (binary exponential backoff, Metcalfe and Boggs 1976).
 * Pure: no clock, no sessions.
 */
export class OverloadControl {
  private readonly target: number;
  private readonly enter: number;
  private share: number;
  private restricted = false;
  /** Since the share fell last. */
  private last: { offered: number; lost: number }[] = [];
  /** Good readings that are still to come before the share rises; and how many the next fall asks for. */
  private hold = 0;
  private nextHold = FIRST_HOLD;
  /** Whether so many cameras came in the last reading that its frames, which waited, are still being lost in this one. */
  private manyCame = false;
  private unsettled = false;
  private rates = new Map<string, number>();
  private readonly outside = new Map<string, number>();

  constructor({ target = 0.97, enter = 1 }: OverloadOptions = {}) {
    this.target = target;
    this.enter = enter;
    this.share = target;
  }

  read({ claims, offered, lost, waited = null }: Reading): Granted {
    const demand = demandOf(claims);
    const unsettled = this.unsettledBy(claims, demand);
    const settled = this.unsettled && !unsettled;
    this.unsettled = unsettled;
    // What was lost while more ran than fits says nothing of the lower rates that now follow.
    if (!this.restricted && demand > this.enter) this.last = [];
    else if (!unsettled) this.last = [...this.last, { offered, lost }].slice(-LATER.readings);
    const losing = this.loses(SOON) ? SOON : this.last.length === LATER.readings && this.loses(LATER) ? LATER : null;
    if (losing) this.fall(claims, demand, lostShare(this.last.slice(-losing.readings)));
    else if (lostShare(this.last.slice(-SOON.readings)) <= LATER.share) this.rise(unsettled ? null : waited);
    this.restricted = demand > (this.restricted || this.share < this.target ? Math.min(this.share, this.target) : this.enter);
    if (!this.restricted) this.share = Math.min(this.share, this.target);
    const rates = new Map<string, number>();
    const fair = this.admit(
      claims,
      this.restricted ? fairShares(claims, this.share, this.target) : new Map(claims.map(({ id, asked }) => [id, asked])),
    );
    for (const { id, asked } of claims) {
      const rate = fair.get(id) ?? asked;
      const before = this.rates.get(id);
      // Down at once, up by steps: what a rise costs is seen before the next one.
      rates.set(id, before === undefined || rate <= before ? rate : Math.min(rate, Math.max(before * 1.1, before + 0.1)));
    }
    this.rates = rates;
    return { rates: new Map(rates), restricted: this.restricted, demand, unsettled, settled };
  }

  /** Whether so many cameras came, in this reading or the one before, that its losses are theirs. */
  private unsettledBy(claims: readonly Claim[], demand: number): boolean {
    const before = this.manyCame;
    this.manyCame = demandOf(claims.filter(({ id }) => !this.rates.has(id))) > NEWCOMERS * demand;
    return this.manyCame || before;
  }

  private loses({ readings, share }: { readings: number; share: number }): boolean {
    const some = this.last.slice(-readings);
    return some.filter(({ lost }) => lost > 0).length >= BAD_READINGS && lostShare(some) > share;
  }

  /** @param lost share of the frames that were offered */
  private fall(claims: readonly Claim[], demand: number, lost: number): void {
    // A fall in the middle of a stay says that the one before it was not enough, and nothing of rising.
    if (this.hold === 0) {
      this.hold = this.nextHold;
      this.nextHold = Math.min(LONGEST_HOLD, 2 * this.nextHold);
    }
    const fall = Math.min(MOST_FALL, Math.max(LEAST_FALL, lost));
    this.share = Math.max(LEAST_TARGET, Math.min(this.share, this.spent(claims, demand)) * (1 - fall));
    // What that changes is seen in the next ones.
    this.last = [];
  }

  private rise(waited: number | null): void {
    if (this.share > this.target && waited !== null && waited > WAITED.long) this.share = Math.max(this.target, this.share * RETREAT);
    else if (this.hold > 0) this.hold--;
    else if (this.share < this.target) this.share = Math.min(this.target, this.share * RISE);
    else if (this.restricted && waited !== null && waited < WAITED.little)
      this.share = Math.min(this.target * MOST_OVER, this.share * CREEP);
    else this.nextHold = FIRST_HOLD;
  }

  /** Share that the rates granted last take. */
  private spent(claims: readonly Claim[], demand: number): number {
    if (this.rates.size === 0) return demand;
    return claims.reduce((sum, { id, asked, cost }) => sum + Math.min(asked, this.rates.get(id) ?? asked) * cost, 0);
  }

  /** A camera is let go of, and let in again, only once that has been so for a while: opening a stream costs seconds. */
  private admit(claims: readonly Claim[], fair: Map<string, number>): Map<string, number> {
    const seen = new Set<string>();
    for (const { id, asked, floor } of claims) {
      seen.add(id);
      const runs = this.rates.get(id) !== 0;
      const wanted = fair.get(id) !== 0;
      if (runs === wanted) {
        this.outside.delete(id);
        continue;
      }
      const readings = (this.outside.get(id) ?? 0) + 1;
      // At the start nothing is closed by it.
      if (readings >= ADMISSION_READINGS || !this.rates.has(id)) this.outside.delete(id);
      else {
        this.outside.set(id, readings);
        fair.set(id, runs ? Math.min(asked, floor) : 0);
      }
    }
    for (const id of this.outside.keys()) if (!seen.has(id)) this.outside.delete(id);
    return fair;
  }
}

/** Share of the sessions' time. */
function demandOf(claims: readonly Claim[]): number {
  return claims.reduce((sum, { asked, cost }) => sum + asked * cost, 0);
}

function lostShare(readings: readonly { offered: number; lost: number }[]): number {
  const offered = readings.reduce((sum, reading) => sum + reading.offered, 0);
  return offered > 0 ? readings.reduce((sum, reading) => sum + reading.lost, 0) / offered : 0;
}
