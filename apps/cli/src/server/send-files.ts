import { stat } from "node:fs/promises";
import type { ArtifactRef } from "@octet/shared/domain/artifact";
import { startJobProgress } from "../output/job-progress.ts";
import type { Output } from "../output/output.ts";
import { bytes } from "../output/units.ts";
import type { ServerPlace } from "../place/place.ts";
import type { NamedFile } from "./artifact-uploads.ts";

type Sent = ArtifactRef & { path: string; sent: boolean };

/** Sends files to a server, with a bar. @param totalBytes of them all @throws AppError as `ArtifactUploads.send` */
export async function sendFiles(place: ServerPlace, files: readonly NamedFile[], totalBytes: number, output: Output): Promise<Sent[]> {
  const view = startJobProgress("Upload", output);
  const startedAt = performance.now();
  const stored = await place.uploads
    .sendAll(files, ({ files: done, totalFiles, bytes: sent }) => {
      const seconds = (performance.now() - startedAt) / 1000;
      view.update({
        percent: Math.min(100, (100 * sent) / Math.max(1, totalBytes)),
        stage: totalFiles === 1 ? `sending ${bytes(totalBytes)}` : `sending ${totalFiles} files: ${done} done, ${bytes(totalBytes)} in all`,
        ratePerSecond: null,
        secondsLeft: seconds > 2 && sent > 0 ? (seconds / sent) * (totalBytes - sent) : null,
      });
    })
    .finally(view.finish);
  const known = stored.filter(({ sent }) => !sent).length;
  if (known > 0)
    output.note(stored.length === 1 ? "The server has this file already" : `${known} of ${stored.length} files are there already`);
  return stored;
}

export async function sendOne(place: ServerPlace, file: string, output: Output): Promise<ArtifactRef> {
  const [stored] = await sendFiles(place, [{ path: file, file }], (await stat(file)).size, output);
  return { sha256: stored!.sha256, sizeBytes: stored!.sizeBytes };
}
