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
  list: signedIn.meta({ summary: "All cameras with their live state; passwords are masked" }).query(async ({ ctx }) => {
    const statuses = new Map(ctx.gateway.cameraStatuses().map((status) => [status.cameraId, status]));
    return (await listCameras(ctx.db, sealingKey())).map((camera) => ({ ...camera, status: statuses.get(camera.id) ?? null }));
  }),
  get: signedIn
    .meta({ summary: "One camera with its live state" })
    .input(cameraRefSchema)
    .query(async ({ ctx, input }) => {
      const camera = await getCamera(ctx.db, sealingKey(), input.id);
      return { ...camera, status: ctx.gateway.cameraStatuses().find((status) => status.cameraId === input.id) ?? null };
    }),
  create: operator
    .meta({ summary: "Adds a camera" })
    .input(cameraInputSchema)
    .mutation(({ ctx, input }) => written(ctx, createCamera(ctx.db, sealingKey(), input, ctx.caller.name))),
  update: operator
    .meta({ summary: "Changes of a camera what the patch names; ••• in an address stands for the stored password" })
    .input(cameraUpdateSchema)
    .mutation(({ ctx, input }) => written(ctx, updateCamera(ctx.db, sealingKey(), input.id, input.patch, ctx.caller.name))),
  remove: operator
    .meta({ summary: "Removes a camera" })
    .input(cameraRefSchema)
    .mutation(({ ctx, input }) => written(ctx, removeCamera(ctx.db, input.id, ctx.caller.name))),
  test: operator
    .meta({ summary: "Has a worker open an address now; answers what it gives and one frame as JPEG in base64" })
    .input(cameraTestSchema)
    .mutation(({ ctx, input }) => test(ctx, input)),
  importCsv: operator
    .meta({ summary: "Adds and changes cameras from a CSV table, by name" })
    .input(cameraImportSchema)
    .mutation(({ ctx, input }) => written(ctx, importCameras(ctx.db, sealingKey(), input.csv, ctx.caller.name))),
  exportCsv: signedIn
    .meta({ summary: "All cameras as a CSV table" })
    .query(async ({ ctx }) => ({ csv: camerasToCsv(await listCameras(ctx.db, sealingKey())) })),
});
