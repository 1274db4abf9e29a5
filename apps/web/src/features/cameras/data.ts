import type { Database } from "@octet/db/client";
import { type Camera, cameraPrioritySchema, cameraSchema } from "@octet/shared/domain/camera";
import { type PlacementRule, placementRuleSchema } from "@octet/shared/domain/placement";
import type { AssignedCamera } from "@octet/shared/protocol/worker-protocol";
import { notFound } from "../../server/not-found.ts";
import { maskUrl } from "./mask.ts";
import { unseal } from "./seal.ts";

export type CameraRow = Awaited<ReturnType<Database["camera"]["findUniqueOrThrow"]>>;

/** null where one of them cannot be opened. */
function addressesOf({ urlSealed, substreamSealed }: CameraRow, open: (sealed: string) => string | null) {
  const url = open(urlSealed);
  const substreamUrl = substreamSealed && open(substreamSealed);
  return url === null || (substreamSealed && substreamUrl === null) ? null : { url, substreamUrl };
}

/** A row as it may leave the server. */
export function publicCamera(key: Buffer, row: CameraRow): Camera {
  const addresses = addressesOf(row, (sealed) => unseal(key, sealed));
  return cameraSchema.parse({
    ...row,
    url: maskUrl(addresses?.url ?? ""),
    substreamUrl: addresses?.substreamUrl ? maskUrl(addresses.substreamUrl) : null,
    addressLost: addresses === null,
  });
}

export async function listCameras(db: Database, key: Buffer): Promise<Camera[]> {
  const rows = await db.camera.findMany({ orderBy: [{ createdAt: "asc" }, { id: "asc" }] });
  return rows.map((row) => publicCamera(key, row));
}

export async function getCamera(db: Database, key: Buffer, id: string): Promise<Camera> {
  return publicCamera(key, await getCameraRow(db, id));
}

export async function getCameraRow(db: Database, id: string): Promise<CameraRow> {
  const row = await db.camera.findUnique({ where: { id } });
  if (!row) throw notFound("camera");
  return row;
}

/** Rows of one query: reading thousands at once would hold up whatever else the process does. */
const PAGE = 1000;

/** Addresses that were unsealed for the last placement. One of thousands of cameras every half a minute opens few new ones. */
const unsealed = new WeakMap<Database, Map<string, string>>();

/** Cameras whose addresses the key did not open at the last placement, by id. */
const lost = new WeakMap<Database, ReadonlySet<string>>();
export const camerasWithoutAddress = (db: Database): ReadonlySet<string> => lost.get(db) ?? new Set();

/** Enabled cameras with their passwords, for workers; what they run on is decided by promotions. Without those whose address is lost. */
export async function getAssignableCameras(
  db: Database,
  key: Buffer,
): Promise<(Omit<AssignedCamera, "model" | "shadow"> & { workerId: string | null; tags: string[]; placement: PlacementRule })[]> {
  const rows: CameraRow[] = [];
  for (let read = PAGE; read === PAGE; ) {
    const after = rows.at(-1)?.id;
    const where = { enabled: true, ...(after ? { id: { gt: after } } : {}) };
    const page = await db.camera.findMany({ where, orderBy: { id: "asc" }, take: PAGE });
    rows.push(...page);
    read = page.length;
  }
  const before = unsealed.get(db);
  const now = new Map<string, string>();
  unsealed.set(db, now);
  const open = (sealed: string): string | null => {
    const url = before?.get(sealed) ?? unseal(key, sealed);
    if (url !== null) now.set(sealed, url);
    return url;
  };
  const shut = new Set<string>();
  lost.set(db, shut);
  return rows.flatMap((row) => {
    const addresses = addressesOf(row, open);
    if (!addresses) {
      shut.add(row.id);
      return [];
    }
    return [
      {
        id: row.id,
        name: row.name,
        ...addresses,
        transport: row.transport === "udp" ? ("udp" as const) : ("tcp" as const),
        detectFps: row.detectFps,
        confidence: row.confidence,
        classes: row.classes,
        priority: cameraPrioritySchema.parse(row.priority),
        stillFps: row.stillFps,
        latencyBudgetMs: row.latencyBudgetMs,
        workerId: row.workerId,
        tags: row.tags,
        placement: placementRuleSchema.parse(row.placement),
        epoch: row.epoch,
      },
    ];
  });
}
