import { findLocalVersion } from "@octet/precision/workspace/dataset-store";
import { type DatasetVersionRef, readLocalProfile } from "@octet/precision/workspace/profile-file";
import type { AcceptanceFacts } from "@octet/shared/acceptance/facts";
import { imagesInBoth } from "@octet/shared/domain/coverage";
import { judgeByGate } from "@octet/shared/domain/gate";
import { gateSchema } from "@octet/shared/domain/profile";
import { toolName } from "../tool-name.ts";

/** What a workspace knows of a profile, against the gate's defaults: it has no site, no cameras and no one who decides. */
export async function localFacts(workspace: string, name: string): Promise<AcceptanceFacts> {
  const profile = await readLocalProfile(workspace, name);
  const { model, validation, benchmark, calibration, built } = profile;
  const limits = gateSchema.parse({});
  return {
    createdAt: new Date(),
    tool: toolName(),
    source: workspace,
    profile: {
      name: profile.name,
      precision: profile.precision,
      state: profile.state,
      reason: profile.reason,
      sha256: profile.artifact.sha256,
      sizeBytes: profile.artifact.sizeBytes,
      builtBy: `${built.tool} on ${built.host}`,
      createdAt: built.at,
      options: profile.options,
      warnings: profile.warnings,
    },
    model,
    calibration: calibration && named(calibration),
    validation: validation && {
      at: validation.at,
      dataset: named(validation.dataset),
      result: validation.result,
      leaks: calibration ? await leaks(workspace, validation.dataset, calibration) : [],
    },
    benchmark: benchmark && { at: benchmark.at, comparedWith: benchmark.reference?.name ?? null, result: benchmark.result },
    gate: {
      limits,
      ...judgeByGate(
        { precision: profile.precision, validation: validation?.result ?? null, benchmark: benchmark?.result ?? null },
        limits,
      ),
    },
    shadow: null,
    live: null,
    decisions: [],
  };
}

const named = ({ dataset, version, sha256, images }: DatasetVersionRef) => ({ name: dataset, version, images, manifestSha256: sha256 });

/** null where one of the two is not there any more, or is another one of the same name. */
async function leaks(workspace: string, validation: DatasetVersionRef, calibration: DatasetVersionRef): Promise<string[] | null> {
  const imagesOf = async ({ dataset, version, sha256 }: DatasetVersionRef) => {
    const found = await findLocalVersion(workspace, `${dataset}@${version}`).catch(() => null);
    return found?.facts.manifest.sha256 === sha256 ? found.facts.images : null;
  };
  const [mine, others] = [await imagesOf(validation), await imagesOf(calibration)];
  return mine && others ? imagesInBoth(mine, others) : null;
}
