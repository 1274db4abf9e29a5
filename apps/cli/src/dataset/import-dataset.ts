import { stat } from "node:fs/promises";
import path from "node:path";
import { filesBelow } from "@octet/precision/dataset/import-dataset";
import { flatNames, kindOfPaths } from "@octet/precision/workspace/import-local-dataset";
import { type DatasetKind, type DatasetLayout, datasetPathSchema } from "@octet/shared/domain/dataset";
import { AppError } from "@octet/shared/errors";
import type { CommandContext } from "../context.ts";
import { runJob } from "../jobs/run-job.ts";
import { localProgress } from "../output/local-progress.ts";
import { exitCodes } from "../output/output.ts";
import { type Place, placeText, type ServerPlace, whereOf, type WorkspacePlace } from "../place/place.ts";
import type { NamedFile } from "../server/artifact-uploads.ts";
import { begunDatasetSchema } from "../server/datasets.ts";
import { sendFiles } from "../server/send-files.ts";
import { targetNamed } from "./dataset-target.ts";
import { documentOfVersion } from "./local-document.ts";
import { madeText, madeVersion } from "./made-version.ts";

export interface ImportOptions {
  name: string;
  layout: DatasetLayout;
  kind?: DatasetKind;
  images?: string;
  groundTruth?: string;
  wait: boolean;
}

/** Of one import a server takes so many. */
const MOST_FILES = 50_000;

/** `octet dataset import`, once its options are read. */
export async function runImport(context: CommandContext, place: Place, paths: string[], options: ImportOptions): Promise<number> {
  const { layout } = options;
  const kind = options.kind ?? (layout === "images" ? "calibration" : "validation");
  if (kind === "validation" && layout === "images")
    context.output.note("A validation set without labels: the FP32 model's own detections will serve as such (pseudo-labels).");
  return place.kind === "server"
    ? importToServer(context, place, paths, kind, options)
    : importToWorkspace(context, place, paths, kind, options);
}

async function importToServer(
  context: CommandContext,
  place: ServerPlace,
  paths: string[],
  kind: DatasetKind,
  { name, layout, images, groundTruth, wait }: ImportOptions,
): Promise<number> {
  const what = await kindOfPaths(paths);
  const files =
    what === "folder" ? await filesOfFolder(paths[0]!) : [...flatNames(paths)].map(([inside, file]) => ({ path: inside, file }));
  // Before anything is sent: a name that is taken by a set of the other kind.
  const into = await targetNamed(place.api, name, kind);
  const sizes = await Promise.all(files.map(async ({ file }) => (await stat(file)).size));
  const stored = await sendFiles(
    place,
    files,
    sizes.reduce((sum, size) => sum + size, 0),
    context.output,
  );
  const refs = stored.map(({ path: inside, sha256, sizeBytes }) => ({ path: inside, sha256, sizeBytes }));
  const [archive] = refs;
  const { datasetId, jobId } = await place.api.mutate(
    "datasets.import",
    {
      into,
      layout,
      images: images ?? null,
      groundTruth: groundTruth ?? null,
      ...(what === "archive" ? { archive: { sha256: archive!.sha256, sizeBytes: archive!.sizeBytes } } : { files: refs }),
    },
    begunDatasetSchema,
  );
  const sent = stored.filter((one) => one.sent).length;
  return runJob(context, place, {
    jobId,
    wait,
    document: { datasetId, files: stored.length, sent },
    done: (job) => madeVersion(place, datasetId, job),
  });
}

async function filesOfFolder(folder: string): Promise<NamedFile[]> {
  const inside = await filesBelow(folder);
  if (inside.length > MOST_FILES)
    throw new AppError("BAD_INPUT", `${folder} holds ${inside.length} files; ${MOST_FILES} are taken at once`, {
      hint: "Import a zip archive of it, or a part of it.",
    });
  const files: NamedFile[] = [];
  for (const name of inside) {
    const file = path.join(folder, name);
    if (!datasetPathSchema.safeParse(name).success)
      throw new AppError("BAD_INPUT", `${file} has a name that a data set cannot hold`, { hint: "Rename it." });
    files.push({ path: name, file });
  }
  return files;
}

async function importToWorkspace(
  { output }: CommandContext,
  place: WorkspacePlace,
  paths: string[],
  kind: DatasetKind,
  { name, layout, images, groundTruth }: ImportOptions,
): Promise<number> {
  const { importLocalDataset } = await import("@octet/precision/workspace/import-local-dataset");
  const { view, onProgress } = localProgress(
    `Read ${name}`,
    [
      ["unpacking", 10],
      ["looking at images", 40],
    ],
    output,
  );
  const { version, duplicates, warnings } = await importLocalDataset({
    workspace: place.folder,
    dataset: name,
    kind,
    layout,
    paths,
    images: images ?? null,
    groundTruth: groundTruth ?? null,
    onProgress,
  }).finally(view.finish);
  const { imageCount, labelCount } = documentOfVersion(version);
  output.result({ ...whereOf(place), dataset: version.dataset, version: documentOfVersion(version), duplicates, warnings }, () =>
    madeText(placeText(place), {
      ref: `${version.dataset}@${version.version}`,
      images: imageCount,
      labels: labelCount,
      duplicates,
      warnings,
    }),
  );
  return exitCodes.done;
}
