import { cameraInputSchema, type StreamProbe, type Transport } from "@octet/shared/domain/camera";
import { sealingKey } from "../../server/boot/secrets.ts";
import type { Context } from "../../server/context.ts";
import { operator, router, signedIn } from "../../server/trpc.ts";
import { camerasToCsv } from "./csv.ts";
import { getCamera, getCameraRow, listCameras } from "./data.ts";
import { mergeMaskedUrl } from "./mask.ts";
import { createCamera, importCameras, removeCamera, updateCamera } from "./mutations.ts";
import { cameraImportSchema, cameraRefSchema, cameraTestSchema, cameraUpdateSchema } from "./schema.ts";
import { unseal } from "./seal.ts";

/** Runs a write, then has cameras placed anew. */
async function written<T>(ctx: Context, write: Promise<T>): Promise<T> {
  const result = await write;
  await ctx.gateway.camerasChanged();
  return result;
}

async function test(
  ctx: Context,
  input: { url: string; transport: Transport; cameraId?: string | undefined },
): Promise<{ ok: true; probe: Omit<StreamProbe, "snapshot"> & { snapshot: string | null } }> {
  const row = input.cameraId ? await getCameraRow(ctx.db, input.cameraId) : null;
  // The form tests the main stream and the sub-stream alike.
  const stored = row ? [row.urlSealed, row.substreamSealed].map((sealed) => sealed && unseal(sealingKey(), sealed)) : [];
  const { snapshot, ...facts } = await ctx.gateway.probe({
    url: mergeMaskedUrl(input.url, ...stored),
    transport: input.transport,
    workerId: row?.workerId ?? null,
  });
  return { ok: true, probe: { ...facts, snapshot: snapshot ? Buffer.from(snapshot).toString("base64") : null } };
}

export const camerasRouter = router({
  list: signedIn.query(async ({ ctx }) => {
    const statuses = new Map(ctx.gateway.cameraStatuses().map((status) => [status.cameraId, status]));
    return (await listCameras(ctx.db, sealingKey())).map((camera) => ({ ...camera, status: statuses.get(camera.id) ?? null }));
  }),
  get: signedIn.input(cameraRefSchema).query(async ({ ctx, input }) => {
    const camera = await getCamera(ctx.db, sealingKey(), input.id);
    return { ...camera, status: ctx.gateway.cameraStatuses().find((status) => status.cameraId === input.id) ?? null };
  }),
  create: operator.input(cameraInputSchema).mutation(({ ctx, input }) => written(ctx, createCamera(ctx.db, sealingKey(), input))),
  update: operator
    .input(cameraUpdateSchema)
    .mutation(({ ctx, input }) => written(ctx, updateCamera(ctx.db, sealingKey(), input.id, input.patch))),
  remove: operator.input(cameraRefSchema).mutation(({ ctx, input }) => written(ctx, removeCamera(ctx.db, input.id))),
  test: operator.input(cameraTestSchema).mutation(({ ctx, input }) => test(ctx, input)),
  importCsv: operator.input(cameraImportSchema).mutation(({ ctx, input }) => written(ctx, importCameras(ctx.db, sealingKey(), input.csv))),
  exportCsv: signedIn.query(async ({ ctx }) => ({ csv: camerasToCsv(await listCameras(ctx.db, sealingKey())) })),
});
