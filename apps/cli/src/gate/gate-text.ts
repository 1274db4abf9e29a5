import type { Gate } from "@octet/shared/domain/profile";
import { facts } from "../output/facts.ts";
import { gateFields, gateKeys } from "./gate-fields.ts";

/** How many profiles there are that need a proof, and how many of them have what the gate asks for. */
export interface GateEffect {
  judged: number;
  passing: number;
}

export function limitsText(gate: Gate, { judged, passing }: GateEffect): string {
  const limits = gateKeys.map((key) => [gateFields[key].of, limitText(key, gate[key])] as const);
  return [facts(limits), ...(judged === 0 ? [] : [`${passing} of ${judged} profiles pass.`])].join("\n");
}

function limitText(key: keyof Gate, value: number | null | undefined): string {
  const [before, after] = gateFields[key].limit;
  return value === null || value === undefined ? "not asked for" : `${before} ${value} ${after}`;
}
