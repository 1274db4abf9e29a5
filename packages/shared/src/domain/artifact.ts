import { z } from "zod";

/** Hex; names a file by its content, wherever it lies. */
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, "A sha256 is 64 hexadecimal digits");

/** A file of the precision flow: a model, an image, a manifest, a report. Content-addressed, so it never changes. */
export const artifactRefSchema = z.object({ sha256: sha256Schema, sizeBytes: z.number().int().nonnegative() });
export type ArtifactRef = z.infer<typeof artifactRefSchema>;

/** Largest file that is taken, bytes. */
export const MAX_ARTIFACT_BYTES = 2 ** 31;

/** `GET` and `PUT` at `/api/artifacts/<sha256>`, with a worker's or a program's bearer token, or a browser's session. */
export const artifactPath = (sha256: string): string => `/api/artifacts/${sha256}`;
