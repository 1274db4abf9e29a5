import { type GateVerdict, judgeByGate } from "@octet/shared/domain/gate";
import {
  type BenchmarkResult,
  type BuildOptions,
  gateSchema,
  type Precision,
  type ProfileState,
  type ValidationResult,
} from "@octet/shared/domain/profile";
import type { LocalProfile } from "@octet/precision/workspace/profile-file";
import type { Promotion } from "../server/profiles.ts";

/** What a server's and a workspace's profiles have in common. */
export interface ShownProfile {
  name: string;
  model: { name: string };
  precision: Precision;
  state: ProfileState;
  reason: string | null;
  options: BuildOptions;
  sha256: string | null;
  sizeBytes: number | null;
  summary: unknown;
  warnings: readonly string[];
  tool: string | null;
  validation: ValidationResult | null;
  benchmark: BenchmarkResult | null;
  gate: GateVerdict;
  promotions: readonly Promotion[];
}

/** A workspace's profile, judged by the gate's defaults: what a server's is set to, nobody here knows. */
export function shownLocal(profile: LocalProfile): ShownProfile {
  const { name, model, precision, state, reason, options, artifact, summary, warnings, built } = profile;
  const validation = profile.validation?.result ?? null;
  const benchmark = profile.benchmark?.result ?? null;
  return {
    ...{ name, model, precision, state, reason, options, summary, warnings, validation, benchmark },
    sha256: artifact.sha256,
    sizeBytes: artifact.sizeBytes,
    tool: built.tool,
    gate: judgeByGate({ precision, validation, benchmark }, gateSchema.parse({})),
    promotions: [],
  };
}

/** The document of a workspace's profile: a server's names for what both have, and where its proofs come from. */
export function documentOfLocal(profile: LocalProfile) {
  const { validation, benchmark, ...made } = profile;
  const { sha256, sizeBytes, gate, validation: accuracy, benchmark: speed } = shownLocal(profile);
  const { result: _accuracy, ...validated } = validation ?? { result: null };
  const { result: _speed, ...benchmarked } = benchmark ?? { result: null };
  return {
    ...made,
    ...{ sha256, sizeBytes, validation: accuracy, benchmark: speed, gate },
    proofs: { validation: validation && validated, benchmark: benchmark && benchmarked },
  };
}
