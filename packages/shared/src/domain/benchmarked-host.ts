import { z } from "zod";

const hostSchema = z.object({ host: z.object({ hostname: z.string() }) });

/** Where a stored benchmark ran, without reading the rest of it, which is long; null where that is not told. */
export const benchmarkedHost = (result: unknown): string | null => hostSchema.safeParse(result).data?.host.hostname ?? null;
