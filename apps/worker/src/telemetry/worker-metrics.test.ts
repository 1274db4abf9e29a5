import { STAGE_BUCKETS } from "@octet/shared/protocol/worker-protocol";
import { newCameraStatus, newFrameCounters } from "@octet/testing/new-camera-status";
import { newGpuLoad, newWorkerLoad } from "@octet/testing/new-worker";
import { afterEach, beforeEach, expect, it } from "vitest";
import { CameraMeters } from "./camera-meters.ts";
import { MetricsServer } from "./metrics-server.ts";
import { WorkerMetrics } from "./worker-metrics.ts";

const id = "6f1c2a1e-6a3b-4a58-9d0c-0b8f3f1f2a10";
const counters = newFrameCounters({ received: 250, decoded: 200, scaled: 50, inferred: 48, dropped: 2, detections: 7, reconnects: 1 });
const status = newCameraStatus({ cameraId: id, detectFps: 4.8, counters });
const load = newWorkerLoad({
  cpuPercent: 150,
  queued: 3,
  inferBusy: 0.5,
  spool: { records: 4, bytes: 400, lostRecords: 6, maxBytes: 1e6 },
  gpus: [newGpuLoad({ encoderPercent: null })],
});

let meters: CameraMeters;
let reason: string | null;
let server: MetricsServer;
beforeEach(async () => {
  meters = new CameraMeters();
  reason = null;
  const totals = { framesDecoded: 200, framesInferred: 48, framesDropped: 2, detections: 7 };
  const metrics = new WorkerMetrics(meters, () => ({ statuses: [status], stages: [], totals, load, connected: true, budgetMs: 500 }));
  server = await MetricsServer.start({ port: 0, host: "127.0.0.1", metrics: () => metrics.text(), notReady: () => reason });
});
afterEach(() => server.close());

const get = async (path: string, method = "GET") => {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method });
  return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
};
const linesOf = async (name: string): Promise<string[]> =>
  (await get("/metrics")).text.split("\n").filter((line) => line.startsWith(name) && /[{ ]/.test(line.charAt(name.length)));

it("tells of each camera what it is asked, what it does, and its stages in buckets that add up", async () => {
  meters.assign([{ id, name: 'Gate "north"\\1', detectFps: 5 }]);
  const camera = `camera="Gate \\"north\\"\\\\1",camera_id="${id}"`;
  const times = { network: 0, decode: 1, queue: 2, preprocess: 1, infer: 12, postprocess: 1, publish: 0 };
  meters.get(id)?.stages.add(times, 17);
  meters.get(id)?.stages.add({ ...times, infer: 60_000 }, 60_005);
  expect(await linesOf("octet_camera_frames_total")).toEqual(
    Object.entries({ received: 250, decoded: 200, scaled: 50, inferred: 48, dropped: 2 }).map(
      ([step, value]) => `octet_camera_frames_total{${camera},step="${step}"} ${value}`,
    ),
  );
  expect(await linesOf("octet_camera_asked_fps")).toEqual([`octet_camera_asked_fps{${camera}} 5`]);
  expect(await linesOf("octet_camera_state")).toContain(`octet_camera_state{${camera},state="online"} 1`);
  const infer = (await linesOf("octet_camera_stage_seconds_bucket")).filter((line) => line.includes('stage="infer"'));
  expect(infer).toHaveLength(STAGE_BUCKETS.length + 1);
  expect(infer).toContain(`octet_camera_stage_seconds_bucket{${camera},stage="infer",le="0.01"} 0`);
  expect(infer).toContain(`octet_camera_stage_seconds_bucket{${camera},stage="infer",le="0.02"} 1`);
  expect(infer.at(-1)).toBe(`octet_camera_stage_seconds_bucket{${camera},stage="infer",le="+Inf"} 2`);
  expect(await linesOf("octet_camera_stage_seconds_sum")).toContain(`octet_camera_stage_seconds_sum{${camera},stage="infer"} 60.012`);
});

it("keeps no series of a camera that has left, and counts one that was renamed on", async () => {
  meters.assign([{ id, name: "Gate", detectFps: 5 }]);
  meters.get(id)?.stages.add({ network: 0, decode: 1, queue: 1, preprocess: 1, infer: 1, postprocess: 1, publish: 1 }, 6);
  meters.assign([{ id, name: "Front gate", detectFps: 2 }]);
  expect(await linesOf("octet_camera_stage_seconds_count")).toContain(
    `octet_camera_stage_seconds_count{camera="Front gate",camera_id="${id}",stage="total"} 1`,
  );
  meters.assign([]);
  expect((await get("/metrics")).text).not.toContain(id);
});

it("tells of the worker and its GPUs, and nothing that the driver does not tell", async () => {
  const { text, type } = await get("/metrics");
  expect(type).toBe("text/plain; version=0.0.4; charset=utf-8");
  for (const line of [
    "octet_worker_cpu_cores 1.5",
    "octet_worker_queued_frames 3",
    "octet_worker_spool_lost_records_total 6",
    'octet_gpu_decoder_utilization_ratio{gpu="0",name="NVIDIA L4"} 0.72',
    'octet_gpu_power_watts{gpu="0",name="NVIDIA L4"} 31.5',
  ])
    expect(text.split("\n")).toContain(line);
  expect(text).not.toContain("octet_gpu_encoder");
  expect(text).toMatch(/^process_resident_memory_bytes \d+/m);
});

it("is alive while it runs, and ready once it has joined", async () => {
  expect(await get("/healthz")).toMatchObject({ status: 200, text: "ok\n" });
  expect((await get("/readyz")).status).toBe(200);
  reason = "It has not joined the gateway";
  expect(await get("/readyz")).toMatchObject({ status: 503, text: `${reason}\n` });
  expect((await get("/healthz")).status).toBe(200);
  expect((await get("/else")).status).toBe(404);
  expect((await get("/metrics", "POST")).status).toBe(405);
});
