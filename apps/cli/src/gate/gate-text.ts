import { gateLimits } from "@octet/shared/domain/gate-limits";
import type { Gate } from "@octet/shared/domain/profile";
import { facts } from "../output/facts.ts";

/** How many profiles there are that need a proof, and how many of them have what the gate asks for. */
export interface GateEffect {
  judged: number;
  passing: number;
}

export function limitsText(gate: Gate, { judged, passing }: GateEffect): string {
  const limits = gateLimits.map(({ key, label, unit }) => [label, gate[key] === null ? "not asked for" : `${gate[key]} ${unit}`] as const);
  return [facts(limits), ...(judged === 0 ? [] : [`${passing} of ${judged} profiles pass.`])].join("\n");
}
