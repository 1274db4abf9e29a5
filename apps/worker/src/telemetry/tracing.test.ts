import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { InferredFrame } from "@octet/shared/domain/detection";
import { afterEach, beforeEach, expect, it } from "vitest";
import { StoreTracer } from "../../../web/src/server/telemetry/store-tracer.ts";
import { FrameTracer } from "./frame-tracer.ts";
import { exportTraces, type TraceExport } from "./trace-export.ts";

interface Received {
  service: string;
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId: string;
  startMs: number;
  endMs: number;
  error: boolean;
}

let collector: Server;
let endpoint: string;
let spans: Received[];
let now: number;
let traces: TraceExport;
let gateway: StoreTracer;
let tracer: FrameTracer;

/** What an OTLP collector is sent, as JSON. */
interface Otlp {
  resourceSpans: {
    resource: { attributes: { key: string; value: { stringValue?: string } }[] };
    scopeSpans: {
      spans: {
        name: string;
        traceId: string;
        spanId: string;
        parentSpanId?: string;
        startTimeUnixNano: string;
        endTimeUnixNano: string;
        status: { code?: number };
      }[];
    }[];
  }[];
}

beforeEach(async () => {
  spans = [];
  now = 1_700_000_000_100;
  collector = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const sent = JSON.parse(Buffer.concat(chunks).toString()) as Otlp;
      for (const { resource, scopeSpans } of request.url === "/v1/traces" ? sent.resourceSpans : [])
        for (const span of scopeSpans.flatMap((scope) => scope.spans))
          spans.push({
            service: resource.attributes.find(({ key }) => key === "service.name")?.value.stringValue ?? "",
            name: span.name,
            traceId: span.traceId,
            spanId: span.spanId,
            parentSpanId: span.parentSpanId ?? "",
            startMs: Number(BigInt(span.startTimeUnixNano) / 1000n) / 1000,
            endMs: Number(BigInt(span.endTimeUnixNano) / 1000n) / 1000,
            error: span.status.code === 2,
          });
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
  endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/`;
  traces = exportTraces({ endpoint, version: "1", workerId: "w", workerName: "north" });
  gateway = new StoreTracer({ endpoint, version: "1" });
  tracer = new FrameTracer(traces.tracer, 3, () => now);
});
afterEach(async () => {
  await traces.close();
  await gateway.close();
  collector.closeAllConnections();
  await new Promise((resolve) => collector.close(resolve));
});

const box = { x: 0, y: 0, w: 1, h: 1 };
const frame = (seq: number, found = 1, cameraId = "6f1c2a1e-6a3b-4a58-9d0c-0b8f3f1f2a10"): InferredFrame => ({
  cameraId,
  seq,
  ptsMs: seq * 200,
  capturedAt: 1_700_000_000_000,
  width: 640,
  height: 360,
  detections: Array.from({ length: found }, () => ({ box, score: 1, label: "face", landmarks: null, trackId: null })),
  stages: { network: 4, decode: 5, queue: 10, preprocess: 2, infer: 30, postprocess: 1, publish: 0 },
});
/** As the pipeline does: publishing is timed once whoever watches was told. */
function infer(inferred: InferredFrame): InferredFrame {
  tracer.inferred(inferred);
  inferred.stages.publish = 3;
  return inferred;
}
async function received(): Promise<Received[]> {
  await traces.flush();
  await gateway.flush();
  return spans;
}
const named = (name: string): Received => {
  const found = spans.filter((span) => span.name === name);
  expect(found, name).toHaveLength(1);
  return found[0] as Received;
};

it("follows a frame from arrival over its stages and the link into the database", async () => {
  const inferred = infer(frame(1));
  await Promise.resolve();
  now += 20;
  const traceparent = tracer.published(inferred, "frame-1");
  await gateway.around([{ frameId: "frame-1", trace: traceparent }, { frameId: "other" }], async () => {});
  now += 50;
  tracer.acknowledged("frame-1");
  await received();

  const root = named("camera.frame");
  expect(root).toMatchObject({ service: "octet-worker", parentSpanId: "", startMs: 1_700_000_000_000, endMs: 1_700_000_000_103 });
  let at = root.endMs;
  for (const [stage, ms] of Object.entries({ publish: 3, postprocess: 1, infer: 30, preprocess: 2, queue: 10, decode: 5 })) {
    expect(named(stage)).toMatchObject({ traceId: root.traceId, parentSpanId: root.spanId, startMs: at - ms, endMs: at });
    at -= ms;
  }
  expect(named("network")).toMatchObject({ parentSpanId: root.spanId, startMs: root.startMs, endMs: root.startMs + 4 });
  const link = named("link");
  expect(link).toMatchObject({ traceId: root.traceId, parentSpanId: root.spanId, startMs: 1_700_000_000_120, endMs: 1_700_000_000_170 });
  expect(named("gateway.store")).toMatchObject({ service: "octet-web", traceId: root.traceId, parentSpanId: link.spanId, error: false });
  expect(spans).toHaveLength(10);
});

it("traces one in so many of each camera's frames, and has no link where nothing was found", async () => {
  const other = "7a1c2a1e-6a3b-4a58-9d0c-0b8f3f1f2a10";
  for (let seq = 0; seq < 7; seq++) {
    const inferred = infer(frame(seq, 0));
    await Promise.resolve();
    expect(tracer.published(inferred, String(seq))).toBeNull();
  }
  infer(frame(0, 0, other));
  await Promise.resolve();
  await received();
  expect(spans.filter(({ name }) => name === "camera.frame")).toHaveLength(4);
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(4);
});

it("says that a batch could not be stored, passes the error on, and does without a context that is none", async () => {
  const inferred = infer(frame(1));
  await Promise.resolve();
  const trace = tracer.published(inferred, "frame-1");
  const failing = gateway.around([{ frameId: "frame-1", trace }], () => Promise.reject(new Error("terminating connection")));
  await expect(failing).rejects.toThrow("terminating connection");
  expect(await gateway.around([{ frameId: "x", trace: "nonsense" }], async () => 7)).toBe(7);
  await received();
  expect(named("gateway.store").error).toBe(true);
});
