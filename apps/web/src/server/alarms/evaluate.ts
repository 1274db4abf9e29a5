import type { AlarmSubject } from "@octet/shared/domain/alarm";
import { type Condition, conditionsOf } from "./conditions.ts";
import type { AlarmFacts } from "./facts.ts";
import { nothingObserved, type Observations, observe } from "./observations.ts";

interface Standing {
  open: boolean;
  /** Since when it has been bad (of one that is not open) or good (of an open one), Unix ms. */
  since: number | null;
}

export interface AlarmState {
  standings: ReadonlyMap<string, Standing>;
  observed: Observations;
}

export type RaisedAlarm = Pick<Condition, "kind" | "severity" | "message" | "hint" | keyof AlarmSubject> & { key: string };

/** At most one open alarm has a key. */
const alarmKey = ({ kind, subjectId }: { kind: string; subjectId: string }): string => `${kind}:${subjectId}`;

/** The state of a process that has seen nothing yet, with the alarms that are open. */
export function resumedState(openKeys: Iterable<string>): AlarmState {
  return { standings: new Map([...openKeys].map((key) => [key, { open: true, since: null }])), observed: nothingObserved };
}

/**
 * Which alarms begin and which end, by what is seen now. An alarm is raised once its condition has been bad for as long as it asks,
 * without a break, and cleared once it has been good for as long; an alarm whose subject is gone is cleared at once. Pure.
 * @param now Unix ms, not before that of `previous`
 */
export function evaluateAlarms(
  previous: AlarmState,
  facts: AlarmFacts,
  now: number,
): { state: AlarmState; raised: RaisedAlarm[]; cleared: string[] } {
  const observed = observe(previous.observed, facts, now);
  const standings = new Map<string, Standing>();
  const raised: RaisedAlarm[] = [];
  const cleared: string[] = [];
  const present = new Set<string>();
  for (const condition of conditionsOf(facts, observed)) {
    const key = alarmKey(condition);
    present.add(key);
    const { open, since } = previous.standings.get(key) ?? { open: false, since: null };
    const turning = condition.verdict === (open ? "good" : "bad");
    const begun = turning ? (since ?? now) : null;
    const turned = begun !== null && now - begun >= (open ? condition.clearAfterMs : condition.raiseAfterMs);
    if (turned && open) cleared.push(key);
    else if (turned) {
      const { kind, severity, subjectKind, subjectId, subjectName, message, hint } = condition;
      raised.push({ key, kind, severity, subjectKind, subjectId, subjectName, message, hint });
    }
    const next: Standing = turned ? { open: !open, since: null } : { open, since: begun };
    // What is as it should be needs no memory.
    if (next.open || next.since !== null) standings.set(key, next);
  }
  for (const [key, { open }] of previous.standings) if (open && !present.has(key)) cleared.push(key);
  return { state: { standings, observed }, raised, cleared };
}
