import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { importDataset } from "@octet/precision/dataset/import-dataset";
import { unpackArchive } from "@octet/precision/dataset/unpack-archive";
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
    const result = await importDataset({
      folder,
      layout,
      images,
      groundTruth,
      onProgress: (done, total) => context.progress("looking at images", done, total),
    });
    // What came as files is on the server; what an archive held is not.
    if (archive) await send(folder, new Set(result.manifest.files.map(({ sha256 }) => sha256)), context);
    return result;
  },
};

async function send(folder: string, wanted: ReadonlySet<string>, { artifacts, progress }: JobContext): Promise<void> {
  const sent = new Set<string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const hash = createHash("sha256");
    await pipeline(createReadStream(file), hash);
    const sha256 = hash.digest("hex");
    if (!wanted.has(sha256) || sent.has(sha256)) continue;
    await artifacts.put(file);
    progress("sending", sent.add(sha256).size, wanted.size);
  }
}
