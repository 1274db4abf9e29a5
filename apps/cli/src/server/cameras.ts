import { cameraSchema, cameraStatusSchema } from "@octet/shared/domain/camera";
import { AppError } from "@octet/shared/errors";
import { z } from "zod";
import type { OctetApi } from "./api.ts";

export const listedCameraSchema = cameraSchema.extend({ status: cameraStatusSchema.nullable() });
export type ListedCamera = z.infer<typeof listedCameraSchema>;

export function listCameras(api: OctetApi): Promise<ListedCamera[]> {
  return api.query("cameras.list", undefined, z.array(listedCameraSchema));
}

/** The camera with this id or name; the name's case counts only where it must. */
export function pickCamera(cameras: readonly ListedCamera[], idOrName: string): ListedCamera {
  const wanted = idOrName.trim().toLowerCase();
  const exact = cameras.find(({ id, name }) => id === wanted || name === idOrName.trim());
  if (exact) return exact;
  const alike = cameras.filter(({ name }) => name.toLowerCase() === wanted);
  if (alike.length === 1) return alike[0]!;
  if (alike.length > 1)
    throw new AppError("BAD_INPUT", `Several cameras are named like "${idOrName}": ${alike.map(({ name }) => name).join(", ")}`, {
      hint: "Write the name exactly.",
    });
  const near = cameras.filter(({ name }) => name.toLowerCase().includes(wanted)).slice(0, 5);
  throw new AppError("NOT_FOUND", `There is no camera "${idOrName}"`, {
    hint: near.length > 0 ? `Did you mean ${near.map(({ name }) => `"${name}"`).join(", ")}?` : "See `octet cameras list`.",
  });
}

export async function findCamera(api: OctetApi, idOrName: string): Promise<ListedCamera> {
  return pickCamera(await listCameras(api), idOrName);
}
