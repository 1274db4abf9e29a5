import { copyFile, mkdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { artifactRefSchema } from "@octet/shared/domain/artifact";
import { splitVersionRef } from "@octet/shared/domain/dataset-ref";
import {
  type DatasetImage,
  type DatasetKind,
  type DatasetManifest,
  datasetImageSchema,
  datasetKindSchema,
  datasetLayoutSchema,
  datasetManifestSchema,
} from "@octet/shared/domain/dataset";
import { AppError } from "@octet/shared/errors";
import { z } from "zod";
import { hashBytes } from "../files/hash-file.ts";
import { linkOrCopy } from "../files/link-or-copy.ts";
import { entriesOf, inTemporaryFolder, publishFolder, readJson, writeJson } from "./local-file.ts";
import { checkLocalName, localNameSchema } from "./local-name.ts";
import { type DatasetVersionRef, listLocalProfiles } from "./profile-file.ts";

/** A workspace's `datasets/NAME/vN/version.json`: what is known of the files beside it, which never change. */
export const localVersionSchema = z.object({
  format: z.literal(1),
  dataset: localNameSchema,
  version: z.number().int().min(1),
  kind: datasetKindSchema,
  layout: datasetLayoutSchema,
  /** `manifest.json`; its hash is the version's identity, here as on a server. */
  manifest: artifactRefSchema,
  images: z.array(datasetImageSchema),
  labels: z.number().int(),
  /** How it came: from which files or streams, what was left out. */
  origin: z.record(z.string(), z.unknown()),
  createdAt: z.coerce.date(),
});
export type LocalVersion = z.output<typeof localVersionSchema>;

export interface LaidOutVersion {
  facts: LocalVersion;
  manifest: DatasetManifest;
  /** Folder of the files, and absolute paths in it. */
  folder: string;
  images: string;
  groundTruth: string | null;
}

const names = { facts: "version.json", manifest: "manifest.json", files: "files" } as const;
const home = (workspace: string): string => path.join(workspace, "datasets");
const versionFolder = (workspace: string, dataset: string, version: number): string =>
  path.join(home(workspace), checkLocalName(dataset), `v${version}`);

/** Newest version first; data sets by name. */
export async function listLocalVersions(workspace: string): Promise<LocalVersion[]> {
  const found: LocalVersion[] = [];
  for (const dataset of await entriesOf(home(workspace))) found.push(...(await versionsOf(workspace, dataset)));
  return found;
}

async function versionsOf(workspace: string, dataset: string): Promise<LocalVersion[]> {
  const found: LocalVersion[] = [];
  for (const name of await entriesOf(path.join(home(workspace), dataset))) {
    if (!/^v\d+$/.test(name)) continue;
    const facts = await readJson(path.join(home(workspace), dataset, name, names.facts), localVersionSchema);
    if (facts) found.push(facts);
  }
  return found.sort((a, b) => b.version - a.version);
}

/** @param ref NAME, for its newest version, or NAME@2 @throws AppError NOT_FOUND */
export async function findLocalVersion(workspace: string, ref: string): Promise<LaidOutVersion> {
  const { name, version } = splitVersionRef(ref);
  const versions = await versionsOf(workspace, checkLocalName(name));
  const facts = version === null ? versions[0] : versions.find((one) => one.version === version);
  if (!facts)
    throw notFound(
      workspace,
      ref,
      versions.length > 0 ? versions.map((one) => `${name}@${one.version}`) : await entriesOf(home(workspace)),
    );
  const folder = versionFolder(workspace, facts.dataset, facts.version);
  const manifest = await readJson(path.join(folder, names.manifest), datasetManifestSchema);
  if (!manifest) throw new AppError("INTERNAL", `${folder} has lost its manifest`, { hint: "Import the data set anew." });
  const files = path.join(folder, names.files);
  return {
    facts,
    manifest,
    folder: files,
    images: path.join(files, manifest.images),
    groundTruth: manifest.groundTruth === null ? null : path.join(files, manifest.groundTruth),
  };
}

/** @param known what there is instead */
const notFound = (workspace: string, ref: string, known: readonly string[]): AppError =>
  new AppError("NOT_FOUND", `There is no data set "${ref}" in ${workspace}`, {
    hint: known.length > 0 ? `There are ${known.slice(0, 10).join(", ")}.` : "Make one: `octet dataset import PATH --name NAME --local`.",
  });

/** Removes a data set with all its versions. @throws AppError NOT_FOUND, CONFLICT where a profile was calibrated with one of them */
export async function removeLocalDataset(workspace: string, name: string): Promise<{ name: string; versions: number }> {
  const dataset = checkLocalName(name);
  const versions = await versionsOf(workspace, dataset);
  if (versions.length === 0) throw notFound(workspace, dataset, await entriesOf(home(workspace)));
  const made = (await listLocalProfiles(workspace)).filter(({ calibration }) => calibration?.dataset === dataset);
  if (made.length > 0)
    throw new AppError("CONFLICT", `Profiles were calibrated with ${dataset}: ${made.map((profile) => profile.name).join(", ")}`, {
      hint: "Remove their folders first.",
    });
  await inTemporaryFolder(workspace, (folder) => rename(path.join(home(workspace), dataset), path.join(folder, dataset)));
  return { name: dataset, versions: versions.length };
}

export const refOfVersion = ({ dataset, version, manifest, images }: LocalVersion): DatasetVersionRef => ({
  dataset,
  version,
  sha256: manifest.sha256,
  images: images.length,
});

export interface NewVersion {
  dataset: string;
  kind: DatasetKind;
  manifest: DatasetManifest;
  images: readonly DatasetImage[];
  labels: number;
  origin: Record<string, unknown>;
  /** Where a file of the manifest lies now. */
  source(file: string): string;
  /** Whether these files are nobody else's, so that a link is as good as a copy. */
  own: boolean;
}

/**
 * The next version of a data set; the same content again is the version that is there.
 * @param scratch an empty folder on the workspace's file system
 * @throws AppError BAD_INPUT, CONFLICT where the data set is of the other kind, DISK_FULL
 */
export async function addLocalVersion(workspace: string, scratch: string, version: NewVersion): Promise<LocalVersion> {
  const dataset = checkLocalName(version.dataset);
  const before = await versionsOf(workspace, dataset);
  const text = JSON.stringify(version.manifest);
  const manifest = hashBytes(text);
  const same = before.find((one) => one.manifest.sha256 === manifest.sha256);
  if (same) return same;
  if (before[0] && before[0].kind !== version.kind)
    throw new AppError("CONFLICT", `"${dataset}" is a ${before[0].kind} set`, { hint: "Choose another name, or the same --kind." });
  for (const { path: file } of version.manifest.files) {
    const target = path.join(scratch, names.files, file);
    await (version.own ? linkOrCopy(version.source(file), target) : copy(version.source(file), target));
  }
  await writeFile(path.join(scratch, names.manifest), text);
  const { kind, images, labels, origin } = version;
  const layout = version.manifest.layout;
  for (let number = (before[0]?.version ?? 0) + 1; ; number++) {
    const facts: LocalVersion = {
      format: 1,
      dataset,
      version: number,
      kind,
      layout,
      manifest,
      images: [...images],
      labels,
      origin,
      createdAt: new Date(),
    };
    await writeJson(path.join(scratch, names.facts), facts);
    try {
      await publishFolder(scratch, versionFolder(workspace, dataset, number), `a version ${number} of "${dataset}"`);
      return facts;
    } catch (error) {
      // Another process made a version meanwhile.
      if (!(error instanceof AppError) || error.code !== "CONFLICT") throw error;
    }
  }
}

async function copy(from: string, to: string): Promise<void> {
  await mkdir(path.dirname(to), { recursive: true });
  await copyFile(from, to);
}
