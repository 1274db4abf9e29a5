import { validationStages } from "@octet/precision/progress/stages";
import { usableCores } from "@octet/shared/host-limits";
import type { CommandContext } from "../context.ts";
import type { ProviderName } from "../detect/provider-names.ts";
import { runJob } from "../jobs/run-job.ts";
import { localProgress } from "../output/local-progress.ts";
import { exitCodes } from "../output/output.ts";
import { type OnWorkerOptions, onWorkerId } from "../place/on-worker.ts";
import { type Place, placeText, whereOf } from "../place/place.ts";
import { findVersion } from "../server/datasets.ts";
import { begunProofSchema, findProfile, profileById } from "../server/profiles.ts";
import { toolName } from "../tool-name.ts";
import { gateText, validationText } from "./proof-text.ts";
import { shownLocal } from "./shown-profile.ts";

export interface ValidateProfileOptions extends OnWorkerOptions {
  dataset: string;
  threshold: number;
  provider: ProviderName;
  threads?: number;
  wait: boolean;
}

const MAX_THREADS = 4;

/** `octet profile validate`, once its options are read. */
export async function runValidateProfile(
  context: CommandContext,
  place: Place,
  name: string,
  options: ValidateProfileOptions,
): Promise<number> {
  const { output } = context;
  const { dataset, threshold, provider, threads = Math.min(MAX_THREADS, usableCores()), wait } = options;
  const worker = await onWorkerId(place, options);
  if (place.kind === "server") {
    const { id } = await findProfile(place.api, name);
    const { version } = await findVersion(place.api, dataset);
    const asked = { id, datasetVersionId: version.id, threshold, onWorkerId: worker };
    const { jobId } = await place.api.mutate("profiles.validate", asked, begunProofSchema);
    return runJob(context, place, {
      jobId,
      wait,
      document: { profileId: id },
      done: async () => {
        const profile = await profileById(place.api, id);
        const text = [placeText(place), profile.name, validationText(profile.validation!), gateText(profile.gate)].join("\n\n");
        return { document: { profile: profile.name, validation: profile.validation, gate: profile.gate }, text };
      },
    });
  }
  const { validateLocalProfile } = await import("@octet/precision/workspace/prove-local-profile");
  const { view, onProgress } = localProgress(`Validate ${name}`, validationStages, output);
  const profile = await validateLocalProfile({
    workspace: place.folder,
    profile: name,
    dataset,
    threshold,
    provider,
    threads,
    tool: toolName(),
    onProgress,
  }).finally(view.finish);
  const { validation, gate } = shownLocal(profile);
  output.result({ ...whereOf(place), profile: profile.name, validation, dataset: profile.validation?.dataset, gate }, () =>
    [placeText(place), profile.name, validationText(validation!), gateText(gate)].join("\n\n"),
  );
  return exitCodes.done;
}
