import { cameraIdSchema } from "@octet/shared/domain/camera";
import { z } from "zod";

/** Key of one stored detection as it stands in URLs and cursors: capturedAt (ms), frame, index. */
export const detectionKeySchema = z
  .string()
  .regex(/^\d{1,14}_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}_\d{1,4}$/)
  .transform((text) => {
    const [at, frameId, index] = text.split("_") as [string, string, string];
    return { capturedAt: new Date(Number(at)), frameId, index: Number(index) };
  });

export const detectionCountsSchema = z
  .object({
    cameraIds: z.array(cameraIdSchema).optional(),
    from: z.coerce.date(),
    to: z.coerce.date(),
    buckets: z.number().int().min(1).max(200).default(60),
  })
  .refine(({ from, to }) => from < to, "The time range is empty");
