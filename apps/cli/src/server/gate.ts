import { gateSchema } from "@octet/shared/domain/profile";
import type { z } from "zod";
import type { GateEffect } from "../gate/gate-text.ts";
import type { OctetApi } from "./api.ts";
import { listProfiles } from "./profiles.ts";

/** What a newer server asks for beyond this is kept, for the gate is written as a whole. */
export const serverGateSchema = gateSchema.loose();
export type ServerGate = z.output<typeof serverGateSchema>;

export const readGate = (api: OctetApi): Promise<ServerGate> => api.query("profiles.gate", undefined, serverGateSchema);

/** By the gate as it is now; FP32 needs no proof. */
export async function gateEffect(api: OctetApi): Promise<GateEffect> {
  const judged = (await listProfiles(api)).filter(({ precision }) => precision !== "fp32");
  return { judged: judged.length, passing: judged.filter(({ gate }) => gate.passed).length };
}
