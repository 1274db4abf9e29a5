import { MAX_ARTIFACT_BYTES, sha256Schema } from "@octet/shared/domain/artifact";
import { AppError, type ErrorCode } from "@octet/shared/errors";
import { createLogger } from "../../logger.ts";
import { authorise, callerOf, databaseAway, isWorker } from "../context.ts";
import { runtime } from "../runtime.ts";
import { SNIFF_BYTES, sniff } from "./sniff.ts";
import { tooLarge, tooLargeError } from "./store.ts";

const statusOf: Partial<Record<ErrorCode, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  DISK_FULL: 507,
  DATABASE_UNAVAILABLE: 503,
  INTERNAL: 500,
};

/**
 * A page of ours is opened as what a stranger wrote: in an origin of its own, without cookies, and it loads nothing. Its own
 * few lines of script may run there.
 */
const POLICY =
  "sandbox allow-scripts; default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'";

/** `GET` and `HEAD /api/artifacts/<sha256>` */
export function serveArtifact(request: Request, sha256: string): Promise<Response> {
  return answering(async () => {
    const { artifacts } = runtime();
    await admit(request.headers, "read");
    const artifact = await artifacts.open(sha256);
    if (!artifact) throw new AppError("NOT_FOUND", "There is no such file", { hint: "Files are named by their sha256, in lower case." });
    const headers = {
      "content-type": sniff(await artifact.start(SNIFF_BYTES)),
      "content-length": String(artifact.sizeBytes),
      "cache-control": "private, max-age=31536000, immutable",
      etag: `"${sha256}"`,
      "x-content-type-options": "nosniff",
      "content-security-policy": POLICY,
    };
    if (request.headers.get("if-none-match") === headers.etag) return new Response(null, { status: 304, headers: { etag: headers.etag } });
    return new Response(request.method === "HEAD" ? null : artifact.stream(), { headers });
  });
}

/** `PUT /api/artifacts/<sha256>`, and `POST /api/artifacts` (`sha256` null) where the sender leaves hashing to us. */
export function receiveArtifact(request: Request, sha256: string | null): Promise<Response> {
  return answering(async () => {
    const { artifacts } = runtime();
    await admit(request.headers, "write");
    if (sha256 !== null && !sha256Schema.safeParse(sha256).success)
      throw new AppError("BAD_INPUT", "A file's address is its sha256: 64 hexadecimal digits in lower case");
    if (Number(request.headers.get("content-length") ?? 0) > MAX_ARTIFACT_BYTES) throw tooLargeError(MAX_ARTIFACT_BYTES);
    const body = (request.body ?? []) as AsyncIterable<Uint8Array>;
    const ref = await artifacts.store(body, sha256 === null ? {} : { sha256 });
    return Response.json(ref, { status: 201, headers: { "cache-control": "no-store" } });
  });
}

/** Workers read and write; people and programs read, and write from operator on. */
async function admit(headers: Headers, what: "read" | "write"): Promise<void> {
  const { db } = runtime();
  if (await isWorker(db, headers)) return;
  const changes = what === "write";
  authorise(await callerOf(db, headers), changes ? "operator" : "viewer", { changes, headers });
}

async function answering(work: () => Promise<Response>): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    const app = publicError(error);
    const status = app.cause === tooLarge ? 413 : (statusOf[app.code] ?? 400);
    return Response.json({ error: app.toInfo() }, { status, headers: { "cache-control": "no-store" } });
  }
}

let logger: ReturnType<typeof createLogger> | undefined;

/** What was not thrown on purpose may name tables and paths: its text stays here. */
function publicError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const away = databaseAway(error);
  if (away) return away;
  logger ??= createLogger();
  logger.error({ err: error }, "a file could not be read or stored");
  return new AppError("INTERNAL", "The file could not be read or stored", { hint: "The web log has the details.", cause: error });
}
