import type { Database } from "@octet/db/client";
import type { ShadowExample, ShadowReport } from "@octet/shared/domain/shadow";

/** Examples that are kept of one shadow: those that differ most, and of those the newest. */
const KEPT_EXAMPLES = 24;

/** The counts of a run grow, so what comes later replaces what is there. Promotions that are gone take nothing. */
export async function saveShadowRuns(db: Database, reports: readonly ShadowReport[]): Promise<void> {
  const known = await knownPromotions(
    db,
    reports.map(({ promotionId }) => promotionId),
  );
  for (const { runId, promotionId, cameraId, activeModel, shadowModel: _, ...counts } of reports) {
    if (!known.has(promotionId)) continue;
    await db.shadowRun.upsert({
      where: { id: runId },
      create: { id: runId, promotionId, cameraId, activeModel, counts },
      update: { activeModel, counts },
    });
  }
}

export async function addShadowExample(db: Database, example: ShadowExample): Promise<void> {
  const { promotionId, cameraId, capturedAt, differing, active, shadow, jpeg } = example;
  if (!(await knownPromotions(db, [promotionId])).has(promotionId)) return;
  await db.shadowExample.create({
    data: { promotionId, cameraId, capturedAt: new Date(capturedAt), differing, active, shadow, jpeg: Buffer.from(jpeg) },
  });
  const superfluous = await db.shadowExample.findMany({
    where: { promotionId },
    orderBy: [{ differing: "desc" }, { capturedAt: "desc" }],
    skip: KEPT_EXAMPLES,
    select: { id: true },
  });
  if (superfluous.length > 0) await db.shadowExample.deleteMany({ where: { id: { in: superfluous.map(({ id }) => id) } } });
}

async function knownPromotions(db: Database, ids: readonly string[]): Promise<Set<string>> {
  const rows = await db.promotion.findMany({ where: { id: { in: [...new Set(ids)] } }, select: { id: true } });
  return new Set(rows.map(({ id }) => id));
}
