import { createReadStream } from "node:fs";
import { Readable, Transform } from "node:stream";
import { hashFile } from "@octet/precision/files/hash-file";
import { type ArtifactRef, artifactPath, MAX_ARTIFACT_BYTES } from "@octet/shared/domain/artifact";
import { errorInfoSchema } from "@octet/shared/domain/error-info";
import { AppError } from "@octet/shared/errors";
import type { Connection } from "./connection.ts";
import { serverError } from "./server-error.ts";

const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 500;
const AT_ONCE = 4;
/** What another try may change: a server that restarts, is busy, or has no database just now. */
const isPassing = (status: number): boolean => status === 408 || status === 429 || (status >= 500 && status !== 507);

export interface NamedFile {
  /** As the server is to know it. */
  path: string;
  /** On this host. */
  file: string;
}

export interface UploadProgress {
  files: number;
  bytes: number;
  totalFiles: number;
}

/** Sends files to the server's store, by hash: what it has is not sent again. */
export class ArtifactUploads {
  readonly #url: string;
  readonly #headers: { authorization: string };

  constructor({ url, token }: Connection & { token: string }) {
    this.#url = url;
    this.#headers = { authorization: `Bearer ${token}` };
  }

  /**
   * @param onBytes of the file's bytes those that are with the server now
   * @throws AppError BAD_INPUT, UNAUTHENTICATED, FORBIDDEN, DISK_FULL, as the server says
   */
  async send(file: string, onBytes: (bytes: number) => void = () => {}): Promise<ArtifactRef & { sent: boolean }> {
    const ref = await hashFile(file);
    if (ref.sizeBytes > MAX_ARTIFACT_BYTES)
      throw new AppError("BAD_INPUT", `${file} has ${ref.sizeBytes} bytes; a server takes at most ${MAX_ARTIFACT_BYTES}`);
    // A name is the hash of what is there, so its length need not be asked for (and a proxy may leave it out).
    const { ok: isThere } = await this.#request(ref, () => ({ method: "HEAD" }));
    if (!isThere) {
      const answer = await this.#request(ref, () => ({
        method: "PUT",
        headers: { "content-length": String(ref.sizeBytes), "content-type": "application/octet-stream" },
        // An empty stream would be sent in chunks, and so without a length.
        body: ref.sizeBytes === 0 ? "" : (Readable.toWeb(counted(file, onBytes)) as ReadableStream),
        duplex: "half" as const,
      }));
      if (!answer.ok) throw await errorOf(answer, this.#url);
    }
    onBytes(ref.sizeBytes);
    return { ...ref, sent: !isThere };
  }

  /** Several files, some at a time. @throws as `send` */
  async sendAll(
    files: readonly NamedFile[],
    onProgress: (progress: UploadProgress) => void,
  ): Promise<(ArtifactRef & { path: string; sent: boolean })[]> {
    const done = new Map<NamedFile, ArtifactRef & { path: string; sent: boolean }>();
    const bytes = new Map<NamedFile, number>();
    const tell = () =>
      onProgress({ files: done.size, totalFiles: files.length, bytes: [...bytes.values()].reduce((sum, one) => sum + one, 0) });
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < files.length) {
        const one = files[next++]!;
        const ref = await this.send(one.file, (count) => {
          bytes.set(one, count);
          tell();
        }).catch((error: unknown) => {
          // The others need not go on.
          next = files.length;
          throw error;
        });
        done.set(one, { path: one.path, ...ref });
        tell();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return files.map((one) => done.get(one)!);
  }

  async #request({ sha256 }: ArtifactRef, init: () => RequestInit & { duplex?: "half" }): Promise<Response> {
    for (let attempt = 1; ; attempt++) {
      const { headers, ...rest } = init();
      try {
        const response = await fetch(`${this.#url}${artifactPath(sha256)}`, {
          ...rest,
          headers: { ...(headers as Record<string, string>), ...this.#headers },
          redirect: "error",
        });
        if (attempt === ATTEMPTS || !isPassing(response.status)) return response;
        await response.arrayBuffer();
      } catch (error) {
        if (error instanceof AppError) throw error;
        if (attempt === ATTEMPTS) throw serverError(error, this.#url);
      }
      await new Promise((resolve) => setTimeout(resolve, FIRST_PAUSE_MS * 2 ** (attempt - 1)));
    }
  }
}

function counted(file: string, onBytes: (bytes: number) => void): Readable {
  let bytes = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length;
      onBytes(bytes);
      done(null, chunk);
    },
  });
  return createReadStream(file)
    .on("error", (error) => meter.destroy(error))
    .pipe(meter);
}

async function errorOf(response: Response, url: string): Promise<AppError> {
  const body = (await response.json().catch(() => null)) as { error?: unknown } | null;
  const info = errorInfoSchema.safeParse(body?.error);
  return info.success ? AppError.fromInfo(info.data) : new AppError("INTERNAL", `${url} answered ${response.status} to a file`);
}
