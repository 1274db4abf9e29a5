import type { DetectionRecord } from "@octet/shared/domain/detection";
import { type Database, runPrepared } from "../client.ts";
import { ensurePartitions } from "./partitions.ts";

export interface InsertResult {
  /** Detections (rows) newly stored. */
  stored: number;
  /** Detections that were there already: a repeat. */
  repeated: number;
}

const daysKnown = new WeakMap<Database, Set<number>>();

/**
 * Stores all detections of `records` in one statement. Rows whose key is there already are left as they are, so
 * that sending a record again changes nothing. Resolves after the commit.
 */
export async function insertDetections(db: Database, records: readonly DetectionRecord[]): Promise<InsertResult> {
  const rows: Row[] = records.flatMap((record) =>
    record.detections.map((detection, index) => ({
      record,
      detection,
      index,
      thumbnail: record.thumbnails.find((candidate) => candidate.index === index)?.jpeg ?? null,
    })),
  );
  if (rows.length === 0) return { stored: 0, repeated: 0 };
  await ensureDays(db, records);
  const stored = await insertRows(db, rows).catch((error: unknown) => {
    if (!/no partition of relation/.test((error as Error).message)) throw error;
    // The day was dropped since (by retention, or a restored back-up): make it anew, once.
    daysKnown.delete(db);
    return ensureDays(db, records).then(() => insertRows(db, rows));
  });
  return { stored, repeated: rows.length - stored };
}

interface Row {
  record: DetectionRecord;
  detection: DetectionRecord["detections"][number];
  index: number;
  thumbnail: Uint8Array | null;
}

const INSERT = `INSERT INTO "detection" (captured_at, frame_id, index, camera_id, worker_id, model_id, seq, pts_ms, track_id, label, score,
    x, y, w, h, landmarks, network_ms, decode_ms, queue_ms, preprocess_ms, infer_ms, postprocess_ms, publish_ms, thumbnail)
  SELECT to_timestamp(t / 1000.0), frame_id, index, camera_id, worker_id, model_id, seq, pts_ms, track_id, label, score, x, y, w, h,
    CASE WHEN landmarks = '' THEN NULL ELSE string_to_array(landmarks, ',')::real[] END,
    network_ms, decode_ms, queue_ms, preprocess_ms, infer_ms, postprocess_ms, publish_ms, CASE WHEN thumbnail = '' THEN NULL ELSE decode(thumbnail, 'base64') END
  FROM unnest($1::float8[], $2::uuid[], $3::int2[], $4::uuid[], $5::text[], $6::text[], $7::int4[], $8::float8[], $9::int4[], $10::text[],
    $11::real[], $12::real[], $13::real[], $14::real[], $15::real[], $16::text[], $17::real[], $18::real[], $19::real[], $20::real[],
    $21::real[], $22::real[], $23::real[], $24::text[])
    AS u(t, frame_id, index, camera_id, worker_id, model_id, seq, pts_ms, track_id, label, score, x, y, w, h, landmarks,
      network_ms, decode_ms, queue_ms, preprocess_ms, infer_ms, postprocess_ms, publish_ms, thumbnail)
  ON CONFLICT DO NOTHING`;

/** Returns how many rows were new. */
async function insertRows(db: Database, rows: readonly Row[]): Promise<number> {
  // One array per column: the statement's text, and so its plan, is the same for any number of rows.
  const texts = (pick: (row: Row) => string): string[] => rows.map(pick);
  // Written as Postgres reads an array, since pg would look at each value to find out what it is.
  const plain = (pick: (row: Row) => number | string | null): string => `{${rows.map((row) => pick(row) ?? "NULL").join(",")}}`;
  const quoted = (pick: (row: Row) => string): string => `{${rows.map((row) => `"${pick(row)}"`).join(",")}}`;
  const values = [
    plain(({ record }) => Math.round(record.capturedAt)),
    plain(({ record }) => record.frameId),
    plain(({ index }) => index),
    plain(({ record }) => record.cameraId),
    texts(({ record }) => record.workerId),
    texts(({ record }) => record.modelId),
    plain(({ record }) => record.seq),
    plain(({ record }) => record.ptsMs),
    plain(({ detection }) => detection.trackId),
    texts(({ detection }) => detection.label),
    plain(({ detection }) => detection.score),
    plain(({ detection }) => detection.box.x),
    plain(({ detection }) => detection.box.y),
    plain(({ detection }) => detection.box.w),
    plain(({ detection }) => detection.box.h),
    // Arrays of arrays must be rectangular in SQL, and bytea[] costs an escape a byte: text carries both.
    quoted(({ detection }) => detection.landmarks?.map((value) => value.toFixed(5)).join(",") ?? ""),
    plain(({ record }) => record.stages.network),
    plain(({ record }) => record.stages.decode),
    plain(({ record }) => record.stages.queue),
    plain(({ record }) => record.stages.preprocess),
    plain(({ record }) => record.stages.infer),
    plain(({ record }) => record.stages.postprocess),
    plain(({ record }) => record.stages.publish),
    quoted(({ thumbnail }) =>
      thumbnail ? Buffer.from(thumbnail.buffer, thumbnail.byteOffset, thumbnail.byteLength).toString("base64") : "",
    ),
  ];
  return (await runPrepared(db, { name: "insert-detections", text: INSERT, values })).count;
}

/** Most inserts fall on a day whose partition this process has seen: only the others ask Postgres. */
async function ensureDays(db: Database, records: readonly DetectionRecord[]): Promise<void> {
  const known = daysKnown.get(db) ?? new Set<number>();
  daysKnown.set(db, known);
  const missing = records.filter((record) => !known.has(Math.floor(record.capturedAt / 86_400_000)));
  if (missing.length === 0) return;
  await ensurePartitions(
    db,
    missing.map((record) => record.capturedAt),
  );
  for (const record of missing) known.add(Math.floor(record.capturedAt / 86_400_000));
}
