import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { linkOrCopy } from "@octet/precision/files/link-or-copy";
import { type ArtifactRef, artifactPath, MAX_ARTIFACT_BYTES } from "@octet/shared/domain/artifact";
import { errorInfoSchema } from "@octet/shared/domain/error-info";
import { AppError } from "@octet/shared/errors";
import { ArtifactCache } from "./artifact-cache.ts";

/** Of files that are kept for the next job. */
export const CACHE_BYTES = 20 * 2 ** 30;

export interface ArtifactClientOptions {
  /** The dashboard's. */
  url: string;
  token: string;
  /** Files go below `artifacts/`. */
  folder: string;
  maxBytes: number;
  signal?: AbortSignal;
  /** First pause before a request is made again, ms; doubles to 15 s. Default 500. */
  retryMs?: number;
  /** A server that is away for longer fails the job. Default half an hour. */
  giveUpMs?: number;
}

const MAX_RETRY_MS = 15_000;
/** A download whose bytes are others than its name says is made anew so often. */
const HASH_ATTEMPTS = 3;
/** Bytes that came in until the cache is looked through again. */
const EVICT_AFTER_BYTES = 256 * 2 ** 20;
/** A server that accepts a connection and says nothing. */
const ANSWER_MS = 60_000;

/** Files of the precision flow: fetched once, kept by hash, sent until the server has them. */
export class ArtifactClient {
  private readonly options: ArtifactClientOptions;
  private readonly cache: ArtifactCache;
  private readonly fetching = new Map<string, Promise<string>>();
  private arrived = 0;

  private constructor(options: ArtifactClientOptions) {
    this.options = options;
    this.cache = new ArtifactCache(path.join(options.folder, "artifacts"), options.maxBytes);
  }

  static async create(options: ArtifactClientOptions): Promise<ArtifactClient> {
    const client = new ArtifactClient(options);
    await client.cache.evict();
    return client;
  }

  /**
   * Path of the file in the cache, which is not to be changed and may be removed later: see `place`.
   * @throws AppError NOT_FOUND where the server has none, WORKER_UNAVAILABLE where it is away for long
   */
  get(ref: ArtifactRef): Promise<string> {
    const before = this.fetching.get(ref.sha256);
    if (before) return before;
    const fetching = this.fetchOnce(ref).finally(() => this.fetching.delete(ref.sha256));
    this.fetching.set(ref.sha256, fetching);
    return fetching;
  }

  /** The file under a name of one's own. @throws as `get`; where the name is taken */
  async place(ref: ArtifactRef, file: string): Promise<void> {
    const cached = await this.get(ref);
    await linkOrCopy(cached, file).catch(async (error: NodeJS.ErrnoException) => {
      // Another process made room between the two.
      if (error.code !== "ENOENT") throw error;
      await linkOrCopy(await this.get(ref), file);
    });
  }

  /** Sends a file. @throws AppError what the server says, DISK_FULL, WORKER_UNAVAILABLE */
  async put(file: string): Promise<ArtifactRef> {
    const hash = createHash("sha256");
    for await (const chunk of createReadStream(file)) hash.update(chunk as Uint8Array);
    const ref = { sha256: hash.digest("hex"), sizeBytes: (await stat(file)).size };
    if (ref.sizeBytes > MAX_ARTIFACT_BYTES) throw new AppError("BAD_INPUT", `A file of ${ref.sizeBytes} bytes is more than is taken`);
    const upload = () => ({
      method: "PUT",
      headers: { "content-length": String(ref.sizeBytes), "content-type": "application/octet-stream" },
      body: Readable.toWeb(createReadStream(file)) as ReadableStream,
      duplex: "half" as const,
    });
    await this.request(ref.sha256, upload, (response) => response.arrayBuffer());
    await this.cache.takeLink(file, ref.sha256);
    return ref;
  }

  /** Sends bytes: text, a picture. */
  async putBytes(bytes: Uint8Array | string): Promise<ArtifactRef> {
    const file = this.cache.newFile();
    await writeFile(file, bytes);
    try {
      return await this.put(file);
    } finally {
      await rm(file, { force: true });
    }
  }

  private async fetchOnce(ref: ArtifactRef): Promise<string> {
    const cached = await this.cache.find(ref.sha256, ref.sizeBytes);
    if (cached) return cached;
    for (let attempt = 1; ; attempt++) {
      const file = this.cache.newFile();
      try {
        // A connection that breaks in the middle of the file is tried again like one that could not be made.
        const sha256 = await this.request(
          ref.sha256,
          () => ({ method: "GET" }),
          (response) => receive(response, file, ref.sizeBytes),
        );
        if (sha256 === ref.sha256) {
          const taken = await this.cache.take(file, ref.sha256);
          await this.makeRoom(ref.sizeBytes);
          return taken;
        }
        if (attempt === HASH_ATTEMPTS)
          throw new AppError("INTERNAL", `The file ${ref.sha256} arrives with other bytes than its name says`, {
            hint: "It may be damaged on the server's disk, or a proxy changes it. Upload it again.",
          });
      } finally {
        await rm(file, { force: true });
      }
    }
  }

  private async makeRoom(bytes: number): Promise<void> {
    this.arrived += bytes;
    if (this.arrived < EVICT_AFTER_BYTES) return;
    this.arrived = 0;
    await this.cache.evict();
  }

  /** Until the server answers with something that waiting would not change. */
  private async request<T>(
    sha256: string,
    init: () => RequestInit & { duplex?: "half" },
    read: (response: Response) => Promise<T>,
  ): Promise<T> {
    const { url, token, signal, retryMs = 500, giveUpMs = 30 * 60_000 } = this.options;
    const startedAt = performance.now();
    for (let failures = 0; ; failures++) {
      let problem: string;
      try {
        const { headers, ...rest } = init();
        const answered = new AbortController();
        const timer = setTimeout(() => answered.abort(new Error(`no answer within ${ANSWER_MS / 1000} s`)), ANSWER_MS);
        const response = await fetch(new URL(artifactPath(sha256), url), {
          ...rest,
          headers: { ...(headers as Record<string, string>), authorization: `Bearer ${token}` },
          redirect: "error",
          // A large upload may take as long as it takes.
          signal: AbortSignal.any([...(signal ? [signal] : []), ...(rest.body ? [] : [answered.signal])]),
        }).finally(() => clearTimeout(timer));
        if (response.ok) return await read(response);
        const error = await errorOf(response);
        if (!passing(response.status)) throw error;
        problem = error.message;
      } catch (error) {
        if (error instanceof AppError) throw error;
        if ((error as NodeJS.ErrnoException).code === "ENOSPC")
          throw new AppError("DISK_FULL", "The worker's disk is full", { hint: "Free some space on the worker's host.", cause: error });
        if (signal?.aborted) throw new AppError("WORKER_UNAVAILABLE", "The transfer was stopped", { cause: error });
        const { cause, message } = error as Error;
        problem = cause instanceof Error && cause.message ? cause.message : message;
      }
      if (performance.now() - startedAt > giveUpMs)
        throw new AppError("WORKER_UNAVAILABLE", `The server could not be reached for its files: ${problem}`, {
          hint: "The worker needs its OCTET_URL for files too: look at what is between them.",
        });
      await sleep(Math.min(MAX_RETRY_MS, retryMs * 2 ** Math.min(failures, 10)) * (0.75 + Math.random() / 2), signal);
    }
  }
}

/** What another try may change: a server that restarts, is busy, or has no database just now. */
const passing = (status: number): boolean => status === 408 || status === 429 || (status >= 500 && status !== 507);

/** Writes an answer to disk. @returns its sha256 */
async function receive(response: Response, file: string, sizeBytes: number): Promise<string> {
  const hash = createHash("sha256");
  let size = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _, done) {
      size += chunk.length;
      hash.update(chunk);
      // More than it is said to be: it is another file, and may be endless.
      if (size > sizeBytes) done(new AppError("INTERNAL", `A file is longer than the ${sizeBytes} bytes that it is said to have`));
      else done(null, chunk);
    },
  });
  const body = response.body ? Readable.fromWeb(response.body as import("node:stream/web").ReadableStream) : Readable.from([]);
  await pipeline(body, meter, createWriteStream(file));
  return hash.digest("hex");
}

async function errorOf(response: Response): Promise<AppError> {
  const body = (await response.json().catch(() => null)) as { error?: unknown } | null;
  const info = errorInfoSchema.safeParse(body?.error);
  return info.success
    ? AppError.fromInfo(info.data)
    : new AppError(response.status === 404 ? "NOT_FOUND" : "INTERNAL", `The server answers ${response.status} to a request for a file`);
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done, { once: true });
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    }
  });
}
