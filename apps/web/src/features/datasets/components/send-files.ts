import type { ArtifactRef } from "@octet/shared/domain/artifact";
import { uploadArtifact } from "@/lib/upload";
import type { ChosenFile } from "./chosen-files";

export interface Sent {
  files: number;
  bytes: number;
}

/** At once: one after the other, small files would wait for the wire more than they use it. */
const AT_ONCE = 4;

/** Sends files to the artifact store. The first failure ends it. @throws as uploadArtifact */
export async function sendFiles(
  files: readonly ChosenFile[],
  onProgress: (sent: Sent) => void,
  signal: AbortSignal,
): Promise<(ArtifactRef & { path: string })[]> {
  const stored: (ArtifactRef & { path: string })[] = [];
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const done: Sent = { files: 0, bytes: 0 };
  const underWay = new Map<string, number>();
  const report = (): void =>
    onProgress({ files: done.files, bytes: done.bytes + [...underWay.values()].reduce((sum, one) => sum + one, 0) });
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < files.length && !either.aborted) {
      const { path, file } = files[next++]!;
      const ref = await uploadArtifact(
        file,
        (bytes) => {
          underWay.set(path, bytes);
          report();
        },
        either,
      );
      underWay.delete(path);
      stored.push({ path, ...ref });
      done.files++;
      done.bytes += file.size;
      report();
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } catch (error) {
    failed.abort();
    throw error;
  }
  signal.throwIfAborted();
  return stored.sort((a, b) => (a.path < b.path ? -1 : 1));
}
