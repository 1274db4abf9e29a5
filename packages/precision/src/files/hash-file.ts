import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { ArtifactRef } from "@octet/shared/domain/artifact";

/** What names a file by its content. Reads all of it, and holds little of it at a time. */
export async function hashFile(file: string): Promise<ArtifactRef> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  await pipeline(createReadStream(file), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      hash.update(chunk);
      sizeBytes += chunk.length;
    }
  });
  return { sha256: hash.digest("hex"), sizeBytes };
}

export function hashBytes(bytes: Uint8Array | string): ArtifactRef {
  const content = typeof bytes === "string" ? Buffer.from(bytes) : bytes;
  return { sha256: createHash("sha256").update(content).digest("hex"), sizeBytes: content.length };
}
