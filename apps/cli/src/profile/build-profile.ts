import { buildStages } from "@octet/precision/progress/stages";
import { type BuildOptions, buildOptionsSchema } from "@octet/shared/domain/profile";
import { AppError } from "@octet/shared/errors";
import type { FrameSize } from "@octet/shared/planning/frame-size";
import type { CommandContext } from "../context.ts";
import { runJob } from "../jobs/run-job.ts";
import { type WeightBitsChoice, weightBitsOf } from "../options.ts";
import { localProgress } from "../output/local-progress.ts";
import { exitCodes } from "../output/output.ts";
import { type OnWorkerOptions, onWorkerId } from "../place/on-worker.ts";
import { type Place, placeText, type ServerPlace, type WorkspacePlace, whereOf } from "../place/place.ts";
import { findVersion } from "../server/datasets.ts";
import { findModel } from "../server/models.ts";
import { begunProfileSchema, profileById } from "../server/profiles.ts";
import { sendOne } from "../server/send-files.ts";
import { toolName } from "../tool-name.ts";
import { profileText } from "./profile-text.ts";
import { documentOfLocal, shownLocal } from "./shown-profile.ts";

export interface BuildCommandOptions extends OnWorkerOptions {
  precision: "fp16" | "int8-ptq";
  name?: string;
  calibration?: string;
  target: BuildOptions["target"];
  method?: NonNullable<BuildOptions["method"]>;
  refine: BuildOptions["refine"];
  weightBits: WeightBitsChoice;
  mixedPrecision: BuildOptions["mixedPrecision"];
  heads: BuildOptions["heads"];
  hostLatency: boolean;
  maxLatency?: number;
  decodeSize?: FrameSize;
  samples: number;
  wait: boolean;
}

export interface ImportCommandOptions {
  model: string;
  name: string;
  target: BuildOptions["target"];
  wait: boolean;
}

/** `octet profile build`, once its options are read. */
export async function runBuild(context: CommandContext, place: Place, model: string, given: BuildCommandOptions): Promise<number> {
  const read = buildOptionsSchema.safeParse({
    precision: given.precision,
    target: given.target,
    method: given.method ?? null,
    refine: given.refine,
    weightBits: weightBitsOf(given.weightBits),
    mixedPrecision: given.mixedPrecision,
    heads: given.heads,
    hostLatency: given.hostLatency,
    maxLatencyMs: given.maxLatency ?? null,
    decodeSize: given.decodeSize ?? null,
    samples: given.samples,
  });
  if (!read.success) throw new AppError("BAD_INPUT", read.error.issues[0]!.message);
  const options = read.data;
  const { name, calibration } = given;
  const worker = await onWorkerId(place, given);
  if (place.kind === "workspace")
    return here(context, place, { model, name: name ?? null, options, calibration: calibration ?? null, trained: null });
  const version = calibration === undefined ? null : (await findVersion(place.api, calibration)).version;
  const begun = await place.api.mutate(
    "profiles.create",
    {
      modelId: (await findModel(place.api, model)).id,
      ...(name === undefined ? {} : { name }),
      options,
      calibrationVersionId: version?.id ?? null,
      onWorkerId: worker,
    },
    begunProfileSchema,
  );
  return onServer(context, place, begun, given.wait);
}

/** `octet profile import`, once its options are read. */
export async function runImportProfile(
  context: CommandContext,
  place: Place,
  file: string,
  { model, name, target, wait }: ImportCommandOptions,
): Promise<number> {
  const { checkModelFile } = await import("@octet/inference/file-check");
  await checkModelFile(file);
  if (place.kind === "workspace") {
    const options = buildOptionsSchema.parse({ precision: "int8-qat", target });
    return here(context, place, { model, name, options, calibration: null, trained: file });
  }
  // Before a large file is sent for nothing.
  const { id } = await findModel(place.api, model);
  const { sha256 } = await sendOne(place, file, context.output);
  const begun = await place.api.mutate("profiles.importQat", { modelId: id, name, sha256, target }, begunProfileSchema);
  return onServer(context, place, begun, wait);
}

function onServer(
  context: CommandContext,
  place: ServerPlace,
  { id, jobId }: { id: string; jobId: string },
  wait: boolean,
): Promise<number> {
  return runJob(context, place, {
    jobId,
    wait,
    document: { profileId: id },
    done: async () => {
      const profile = await profileById(place.api, id);
      return { document: { profile }, text: `${placeText(place)}\n\n${profileText(profile)}` };
    },
  });
}

async function here(
  { output }: CommandContext,
  place: WorkspacePlace,
  request: { model: string; name: string | null; options: BuildOptions; calibration: string | null; trained: string | null },
): Promise<number> {
  const { buildLocalProfile } = await import("@octet/precision/workspace/build-local-profile");
  const { view, onProgress } = localProgress(`Build ${request.name ?? request.model}`, buildStages, output);
  const profile = await buildLocalProfile({ workspace: place.folder, ...request, tool: toolName(), onProgress }).finally(view.finish);
  output.result(
    { ...whereOf(place), profile: documentOfLocal(profile) },
    () => `${placeText(place)}\n\n${profileText(shownLocal(profile))}`,
  );
  return exitCodes.done;
}
