import type { Database } from "@octet/db/client";
import { type ScoredBox, scoredBoxSchema } from "@octet/shared/boxes/scored-box";
import { type ShadowSummary, shadowCountsSchema, summariseShadow } from "@octet/shared/domain/shadow";
import { z } from "zod";

/** The newest shadow of a profile. */
export interface ShadowView {
  promotionId: string;
  startedAt: Date;
  /** null while it runs. */
  endedAt: Date | null;
  share: number;
  /** null before the first frame. */
  summary: ShadowSummary | null;
  /** Frames that it and the active model differ on, those that differ most first. */
  examples: {
    id: string;
    cameraId: string;
    camera: string;
    capturedAt: Date;
    differing: number;
    active: ScoredBox[];
    shadow: ScoredBox[];
  }[];
}

const boxesSchema = z.array(scoredBoxSchema);

/** null for a profile that was never in the shadow. */
export async function newestShadow(db: Database, profileId: string): Promise<ShadowView | null> {
  const promotion = await db.promotion.findFirst({
    where: { profileId, role: "shadow" },
    orderBy: [{ createdAt: "desc" }],
    include: {
      shadowRuns: { select: { cameraId: true, counts: true } },
      shadowExamples: { omit: { jpeg: true }, orderBy: [{ differing: "desc" }, { capturedAt: "desc" }] },
    },
  });
  if (!promotion) return null;
  const cameras = await db.camera.findMany({
    where: { id: { in: [...new Set(promotion.shadowExamples.map(({ cameraId }) => cameraId))] } },
    select: { id: true, name: true },
  });
  const names = new Map(cameras.map(({ id, name }) => [id, name]));
  return {
    promotionId: promotion.id,
    startedAt: promotion.createdAt,
    endedAt: promotion.endedAt,
    share: promotion.share,
    summary: summariseShadow(promotion.shadowRuns.map(({ cameraId, counts }) => ({ cameraId, ...shadowCountsSchema.parse(counts) }))),
    examples: promotion.shadowExamples.map(({ id, cameraId, capturedAt, differing, active, shadow }) => ({
      id,
      cameraId,
      camera: names.get(cameraId) ?? "a camera that is gone",
      capturedAt,
      differing,
      active: boxesSchema.parse(active),
      shadow: boxesSchema.parse(shadow),
    })),
  };
}

export async function examplePicture(db: Database, id: string): Promise<Uint8Array | null> {
  if (!z.uuid().safeParse(id).success) return null;
  return (await db.shadowExample.findUnique({ where: { id }, select: { jpeg: true } }))?.jpeg ?? null;
}
