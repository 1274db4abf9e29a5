import path from "node:path";
import { importDataset } from "@octet/precision/dataset/import-dataset";
import { unpackArchive } from "@octet/precision/dataset/unpack-archive";
import type { DatasetManifest } from "@octet/shared/domain/dataset";
import type { JobHandler } from "../handlers.ts";
import type { JobContext } from "../job-context.ts";

export const importFiles: JobHandler<"import"> = {
  stages: [
    ["fetching", 20],
    ["unpacking", 10],
    ["looking at images", 40],
    ["sending", 30],
  ],
  async run({ layout, images, groundTruth, files, archive }, context) {
    const folder = path.join(context.folder, "files");
    context.progress("fetching", 0, files.length + 1);
    for (const [index, file] of files.entries()) {
      await context.artifacts.place(file, path.join(folder, file.path));
      context.progress("fetching", index + 1, files.length + 1);
    }
    if (archive) {
      const file = await context.artifacts.get(archive);
      context.progress("unpacking");
      await unpackArchive(file, folder);
    }
    const { sources, ...result } = await importDataset({
      folder,
      layout,
      images,
      groundTruth,
      onProgress: (done, total) => context.progress("looking at images", done, total),
    });
    // What came as files is on the server; what an archive held is not.
    if (archive) await send(result.manifest, (file) => path.join(folder, sources.get(file)!), context);
    return result;
  },
};

async function send({ files }: DatasetManifest, source: (file: string) => string, { artifacts, progress }: JobContext): Promise<void> {
  const byHash = new Map(files.map((file) => [file.sha256, file.path]));
  let sent = 0;
  for (const file of byHash.values()) {
    await artifacts.put(source(file));
    progress("sending", ++sent, byHash.size);
  }
}
