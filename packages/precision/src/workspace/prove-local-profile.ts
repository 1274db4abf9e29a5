import path from "node:path";
import type { Provider } from "@octet/inference/session-messages";
import { sameImages } from "@octet/shared/domain/coverage";
import type { DatasetImage } from "@octet/shared/domain/dataset";
import { mayBecome } from "@octet/shared/domain/profile";
import { AppError } from "@octet/shared/errors";
import { usableCores } from "@octet/shared/host-limits";
import { benchmarkModel } from "../bench/benchmark-model.ts";
import { imageLookup } from "../dataset/image-lookup.ts";
import { linkOrCopy } from "../files/link-or-copy.ts";
import { modelFileName } from "../files/model-file-name.ts";
import { validateModel } from "../validate/validate-model.ts";
import { findLocalVersion, refOfVersion } from "./dataset-store.ts";
import { inTemporaryFolder } from "./local-file.ts";
import { findLocalModel, localModelFile } from "./model-store.ts";
import {
  type DatasetVersionRef,
  type LocalProfile,
  profileFiles,
  profileFolder,
  readLocalProfile,
  updateLocalProfile,
} from "./profile-file.ts";
import { provenanceNow } from "./provenance.ts";

interface ProofRequest {
  workspace: string;
  profile: string;
  tool: string;
  provider: Provider;
  /** Inference threads. */
  threads: number;
  onProgress(stage: string, done: number, total: number): void;
}

/**
 * Accuracy of a profile against its FP32 model on a version of a data set (NAME or NAME@2); one without labels is labelled by
 * the model itself. The newest result is kept.
 * @throws AppError NOT_FOUND, CONFLICT, and as `validateModel`
 */
export async function validateLocalProfile(request: ProofRequest & { dataset: string; threshold: number }): Promise<LocalProfile> {
  const { workspace, threshold, provider, threads, tool, onProgress } = request;
  const profile = await readLocalProfile(workspace, request.profile);
  const { manifest, folder, images, groundTruth, facts } = await findLocalVersion(workspace, request.dataset);
  return withModels(workspace, profile, async ({ subject, reference }) => {
    const result = await validateModel({
      subject,
      reference,
      layout: manifest.layout,
      images,
      groundTruth,
      threshold,
      pseudoLabels: manifest.layout === "images",
      threads: Math.min(threads, usableCores()),
      provider,
      imageOf: imageLookup(manifest, folder),
      onProgress,
    });
    const { name, sha256, sizeBytes } = profile.model;
    const calibration = profile.calibration && (await imagesOf(workspace, profile.calibration));
    const calibratedOn = calibration && sameImages(facts.images, calibration);
    return updateLocalProfile(workspace, profile.name, (now) => ({
      ...whereStill(now, profile),
      validation: {
        ...provenanceNow(tool),
        dataset: refOfVersion(facts),
        reference: { name, sha256, sizeBytes },
        threshold,
        result: { ...result, calibratedOn },
      },
      state: now.state === "built" ? "validated" : now.state,
    }));
  });
}

export interface BenchmarkLoad {
  batches: readonly number[];
  /** Of measuring each model at each batch. */
  seconds: number;
  streams: { count: number; fps: number; decode: boolean; budgetMs: number; soakSeconds: number } | null;
  /** Else what is decoded has the profile's decode size, where it names one. */
  clipAsItIs: boolean;
  mediaThreads: number;
  /** Folder of the clip that is decoded. */
  mediaRoot: string;
  /** Folder where scaled clips are kept. */
  clipCache: string;
}

/**
 * Speed of a profile on this host, in turns with its FP32 model. The newest result is kept.
 * @throws AppError NOT_FOUND, CONFLICT, and as `benchmarkModel`
 */
export async function benchmarkLocalProfile(request: ProofRequest & BenchmarkLoad & { log(line: string): void }): Promise<LocalProfile> {
  const { workspace, tool, batches, seconds, streams, provider, threads, mediaThreads, mediaRoot, clipCache, onProgress, log } = request;
  const profile = await readLocalProfile(workspace, request.profile);
  return withModels(workspace, profile, async (models) => {
    const result = await benchmarkModel({
      ...models,
      batches,
      seconds,
      streams: streams && { ...streams, decodeSize: request.clipAsItIs ? null : profile.options.decodeSize },
      provider,
      threads,
      mediaThreads,
      mediaRoot,
      clipCache,
      onProgress,
      log,
    });
    const { name, sha256, sizeBytes } = profile.model;
    return updateLocalProfile(workspace, profile.name, (now) => ({
      ...whereStill(now, profile),
      benchmark: { ...provenanceNow(tool), reference: { name, sha256, sizeBytes }, result },
      state: now.state === "built" || now.state === "validated" ? "benchmarked" : now.state,
    }));
  });
}

/** null where the version was removed since. */
async function imagesOf(workspace: string, { dataset, version }: DatasetVersionRef): Promise<readonly DatasetImage[] | null> {
  return findLocalVersion(workspace, `${dataset}@${version}`).then(
    ({ facts }) => facts.images,
    (error: unknown) => {
      if (error instanceof AppError && error.code === "NOT_FOUND") return null;
      throw error;
    },
  );
}

/** @throws AppError NOT_FOUND, CONFLICT where it is rejected already */
export function rejectLocalProfile(workspace: string, name: string, reason: string): Promise<LocalProfile> {
  return updateLocalProfile(workspace, name, ({ state }) => {
    if (!mayBecome(state, "rejected")) throw new AppError("CONFLICT", `A profile that is ${state} cannot become rejected`);
    return { state: "rejected", reason };
  });
}

/** A proof is of one file: where it was replaced meanwhile, it is not this profile's. */
function whereStill(now: LocalProfile, measured: LocalProfile): Partial<LocalProfile> {
  if (now.artifact.sha256 === measured.artifact.sha256) return {};
  throw new AppError("CONFLICT", `${now.name} was built anew while it was measured`, { hint: "Measure it again." });
}

/** Both files under the names that people know them by. */
async function withModels<T>(
  workspace: string,
  profile: LocalProfile,
  work: (files: { subject: string; reference: string }) => Promise<T>,
): Promise<T> {
  const model = await findLocalModel(workspace, profile.model.sha256);
  return inTemporaryFolder(workspace, async (folder) => {
    const subject = path.join(folder, "subject", modelFileName(profile.name));
    const reference = path.join(folder, "reference", modelFileName(`${model.name} FP32`));
    await linkOrCopy(path.join(profileFolder(workspace, profile.name), profileFiles.model), subject);
    await linkOrCopy(localModelFile(workspace, model.sha256), reference);
    return work({ subject, reference });
  });
}
