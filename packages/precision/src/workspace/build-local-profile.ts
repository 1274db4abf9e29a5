import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { renderReport } from "@octet/quantize/analyse/report-html";
import type { BuildOptions } from "@octet/shared/domain/profile";
import { AppError } from "@octet/shared/errors";
import { buildProfile } from "../build/build-profile.ts";
import { hashFile } from "../files/hash-file.ts";
import { linkOrCopy } from "../files/link-or-copy.ts";
import { modelFileName } from "../files/model-file-name.ts";
import { sampleFolder } from "../validate/sample-folder.ts";
import { findLocalVersion, refOfVersion } from "./dataset-store.ts";
import { entriesOf, inTemporaryFolder, publishFolder, writeJson } from "./local-file.ts";
import { checkLocalName } from "./local-name.ts";
import { findLocalModel, localModelFile, modelOfProfile } from "./model-store.ts";
import { type LocalProfile, profileFiles, profileFolder } from "./profile-file.ts";
import { provenanceNow } from "./provenance.ts";

export interface LocalBuildRequest {
  workspace: string;
  /** Name or hash of a model of the workspace. */
  model: string;
  /** null: made of the model's name and the precision. */
  name: string | null;
  options: BuildOptions;
  /** NAME or NAME@2 of a calibration set; null without one: INT8 by PTQ needs it. */
  calibration: string | null;
  /** Path of a Q/DQ model that was trained elsewhere, for `int8-qat`; null else. */
  trained: string | null;
  tool: string;
  onProgress(stage: string, done: number, total: number): void;
}

/**
 * Makes a profile of a model of the workspace.
 * @throws AppError NOT_FOUND, CONFLICT where the name is taken, BAD_INPUT, CALIBRATION_EMPTY, and as `buildProfile`
 */
export async function buildLocalProfile(request: LocalBuildRequest): Promise<LocalProfile> {
  const { workspace, options, tool, trained, onProgress } = request;
  const model = await findLocalModel(workspace, request.model);
  if (options.precision === "fp32")
    throw new AppError("BAD_INPUT", "A model's FP32 profile exists from the start", { hint: "Choose fp16 or int8-ptq." });
  if (options.precision === "int8-ptq" && request.calibration === null)
    throw new AppError("CALIBRATION_EMPTY", "INT8 needs calibration images", {
      hint: "Give a calibration set: --calibration NAME (`octet dataset import`).",
    });
  const taken = new Set(await entriesOf(path.join(workspace, "profiles")));
  const name = request.name === null ? freeName(taken, `${model.name} ${options.precision.toUpperCase()}`) : checkLocalName(request.name);
  if (taken.has(name))
    throw new AppError("CONFLICT", `There is a profile named "${name}" already`, { hint: "Choose another name: --name." });
  const calibration = request.calibration === null ? null : await findLocalVersion(workspace, request.calibration);
  const images = calibration ? await sampleFolder(calibration.images, options.samples) : [];
  return inTemporaryFolder(workspace, async (folder) => {
    const input = path.join(folder, modelFileName(model.name));
    await linkOrCopy(trained ?? localModelFile(workspace, model.sha256), input);
    const made = path.join(folder, "profile");
    await mkdir(made);
    const files = {
      model: path.join(made, profileFiles.model),
      report: path.join(made, profileFiles.report),
      page: path.join(made, profileFiles.reportPage),
    };
    const { summary, report, warnings } = await buildProfile({ model: input, out: files.model, options, images, tool, onProgress });
    if (report) {
      await writeFile(files.report, JSON.stringify(report));
      await writeFile(files.page, renderReport(report));
    }
    const profile: LocalProfile = {
      format: 1,
      name,
      model: modelOfProfile(model),
      precision: options.precision,
      state: "built",
      reason: null,
      options,
      calibration: calibration && refOfVersion(calibration.facts),
      artifact: await hashFile(files.model),
      report: report && (await hashFile(files.report)),
      reportPage: report && (await hashFile(files.page)),
      summary,
      warnings,
      built: provenanceNow(tool),
      validation: null,
      benchmark: null,
    };
    await writeJson(path.join(made, profileFiles.profile), profile);
    await publishFolder(made, profileFolder(workspace, name), `a profile named "${name}"`);
    return profile;
  });
}

function freeName(taken: ReadonlySet<string>, wanted: string): string {
  if (!taken.has(wanted)) return wanted;
  let number = 2;
  while (taken.has(`${wanted} ${number}`)) number++;
  return `${wanted} ${number}`;
}
