import type { Database } from "@octet/db/client";
import { type DetectionFilter, detectionFilterSchema, type StoredDetection } from "@octet/shared/domain/detection";
import { AppError } from "@octet/shared/errors";
import { detectionKeySchema } from "./schema.ts";

const DAY_MS = 86_400_000;
/** Without a time range: what is recent first, then all that is kept. */
const RANGES_MS = [DAY_MS, 3650 * DAY_MS];

interface Row {
  captured_at: Date;
  frame_id: string;
  index: number;
  camera_id: string;
  camera_name: string | null;
  track_id: number | null;
  label: string;
  score: number;
  x: number;
  y: number;
  w: number;
  h: number;
  model_id: string;
  latency_ms: number;
  shown: boolean;
}

const keyOf = (row: Row): string => `${row.captured_at.getTime()}_${row.frame_id}_${row.index}`;

/** One page, newest first. Always bounded in time, so that only the partitions in question are read. */
export async function listDetections(
  db: Database,
  filter: DetectionFilter,
): Promise<{ items: StoredDetection[]; nextCursor: string | null }> {
  const wanted = detectionFilterSchema.parse(filter);
  const cursor = wanted.cursor ? detectionKeySchema.safeParse(wanted.cursor) : null;
  if (cursor && !cursor.success)
    throw new AppError("BAD_INPUT", "The cursor is not one of ours", { hint: "Use nextCursor of the previous page as it is." });
  // A worker's clock may be ahead: without an end, a day of the future belongs to the list.
  const to = wanted.to ?? new Date(Date.now() + DAY_MS);
  const newest = cursor?.data.capturedAt ?? wanted.to ?? new Date();
  let rows: Row[] = [];
  for (const range of wanted.from ? [0] : RANGES_MS) {
    const from = wanted.from ?? new Date(newest.getTime() - range);
    const { sql, values } = pageStatement({ ...wanted, from, to, after: cursor?.data ?? null });
    rows = await db.$queryRawUnsafe<Row[]>(sql, ...values);
    if (rows.length > wanted.limit) break;
  }
  const shown = rows.slice(0, wanted.limit);
  const last = shown.at(-1);
  return { items: shown.map(toStored), nextCursor: rows.length > wanted.limit && last ? keyOf(last) : null };
}

interface PageInput {
  cameraIds?: string[] | undefined;
  from: Date;
  to: Date;
  minScore?: number | undefined;
  tracksOnly: boolean;
  limit: number;
  after: { capturedAt: Date; frameId: string; index: number } | null;
}

/** One row more than asked for, to know whether another page follows. */
export function pageStatement(input: PageInput): { sql: string; values: unknown[] } {
  const values: unknown[] = [input.from, input.to];
  const conditions = ["d.captured_at >= $1", "d.captured_at <= $2"];
  const add = (condition: (position: string) => string, value: unknown): void => {
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  if (input.cameraIds && input.cameraIds.length > 0) add((position) => `d.camera_id = ANY(${position}::uuid[])`, input.cameraIds);
  if (input.minScore !== undefined) add((position) => `d.score >= ${position}`, input.minScore);
  if (input.tracksOnly) conditions.push("d.thumbnail IS NOT NULL");
  if (input.after) {
    const { capturedAt, frameId, index } = input.after;
    values.push(capturedAt, frameId, index);
    const [a, b, c] = [values.length - 2, values.length - 1, values.length];
    // The first condition lets the planner leave out partitions; the row comparison alone would not.
    conditions.push(`d.captured_at <= $${a}`, `(d.captured_at, d.frame_id, d.index) < ($${a}, $${b}::uuid, $${c}::int2)`);
  }
  const sql = `SELECT d.captured_at, d.frame_id::text, d.index, d.camera_id::text, c.name AS camera_name, d.track_id, d.label, d.score, d.x, d.y, d.w, d.h, d.model_id,
       d.network_ms + d.decode_ms + d.queue_ms + d.preprocess_ms + d.infer_ms + d.postprocess_ms + d.publish_ms AS latency_ms, d.thumbnail IS NOT NULL AS shown
     FROM detection d LEFT JOIN camera c ON c.id = d.camera_id
     WHERE ${conditions.join(" AND ")}
     ORDER BY d.captured_at DESC, d.frame_id DESC, d.index DESC LIMIT ${input.limit + 1}`;
  return { sql, values };
}

function toStored(row: Row): StoredDetection {
  const id = keyOf(row);
  return {
    id,
    cameraId: row.camera_id,
    cameraName: row.camera_name ?? "deleted camera",
    capturedAt: row.captured_at,
    trackId: row.track_id,
    label: row.label,
    score: row.score,
    box: { x: row.x, y: row.y, w: row.w, h: row.h },
    modelId: row.model_id,
    latencyMs: row.latency_ms,
    thumbnail: row.shown ? `/api/detections/${id}/thumbnail` : null,
  };
}

/** Detections in each of `buckets` equal spans; `at` is the span's start, Unix ms. */
export async function countDetections(
  db: Database,
  input: { cameraIds?: string[] | undefined; from: Date; to: Date; buckets: number },
): Promise<{ at: number; count: number }[]> {
  const { from, to, buckets, cameraIds } = input;
  const width = (to.getTime() - from.getTime()) / buckets;
  const rows = await db.$queryRawUnsafe<{ bucket: number; count: bigint }[]>(
    `SELECT least(floor((extract(epoch FROM captured_at) * 1000 - $3::float8) / $4::float8), $5::int - 1)::int AS bucket, count(*) AS count
     FROM detection WHERE captured_at >= $1 AND captured_at < $2 ${cameraIds && cameraIds.length > 0 ? "AND camera_id = ANY($6::uuid[])" : ""} GROUP BY 1`,
    from,
    to,
    from.getTime(),
    width,
    buckets,
    ...(cameraIds && cameraIds.length > 0 ? [cameraIds] : []),
  );
  const counts = new Map(rows.map((row) => [row.bucket, Number(row.count)]));
  return Array.from({ length: buckets }, (_, index) => ({ at: Math.round(from.getTime() + index * width), count: counts.get(index) ?? 0 }));
}

/** JPEG of one detection, or null. */
export async function thumbnailOf(db: Database, id: string): Promise<Uint8Array | null> {
  const key = detectionKeySchema.safeParse(id);
  if (!key.success) return null;
  const row = await db.detection.findUnique({ where: { capturedAt_frameId_index: key.data }, select: { thumbnail: true } });
  return row?.thumbnail ?? null;
}
