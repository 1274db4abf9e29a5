import { cameraIdSchema, cameraPatchSchema, cameraUrlSchema, transportSchema } from "@octet/shared/domain/camera";
import { z } from "zod";

export const cameraRefSchema = z.object({ id: cameraIdSchema });
export const cameraUpdateSchema = z.object({ id: cameraIdSchema, patch: cameraPatchSchema });
/** `cameraId`: where the URL's password is masked, the stored one of this camera is used. */
export const cameraTestSchema = z.object({
  url: cameraUrlSchema,
  transport: transportSchema.default("tcp"),
  cameraId: cameraIdSchema.optional(),
});
export const cameraImportSchema = z.object({
  csv: z
    .string()
    .min(1, "The table is empty")
    .max(4 << 20, "The table is larger than 4 MB"),
});
