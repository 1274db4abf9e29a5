import { cameraSchema, cameraStatusSchema } from "@octet/shared/domain/camera";
import { z } from "zod";
import type { OctetApi } from "./api.ts";
import { pickNamed } from "./pick-named.ts";

export const listedCameraSchema = cameraSchema.extend({ status: cameraStatusSchema.nullable() });
export type ListedCamera = z.infer<typeof listedCameraSchema>;

export function listCameras(api: OctetApi): Promise<ListedCamera[]> {
  return api.query("cameras.list", undefined, z.array(listedCameraSchema));
}

/** By name or id. @throws AppError NOT_FOUND, BAD_INPUT where several are named so */
export const pickCamera = (cameras: readonly ListedCamera[], idOrName: string): ListedCamera =>
  pickNamed(cameras, idOrName, "camera", "octet cameras list");

export async function findCamera(api: OctetApi, idOrName: string): Promise<ListedCamera> {
  return pickCamera(await listCameras(api), idOrName);
}
