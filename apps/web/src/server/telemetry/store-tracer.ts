import type { DetectionRecord } from "@octet/shared/domain/detection";
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, type Tracer, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";

type Traced = Pick<DetectionRecord, "trace" | "frameId">;

/** Goes on with traces that workers began: `gateway.store`, from a batch's arrival to its commit, for each record that is traced. */
export class StoreTracer {
  private readonly provider: BasicTracerProvider;
  private readonly tracer: Tracer;

  /** Spans go to `<endpoint>/v1/traces` as OTLP JSON, in batches; what cannot be sent is dropped. */
  constructor({ endpoint, version }: { endpoint: string; version: string }) {
    this.provider = new BasicTracerProvider({
      resource: resourceFromAttributes({ "service.name": "octet-web", "service.version": version }),
      spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, "")}/v1/traces` }))],
    });
    this.tracer = this.provider.getTracer("octet");
  }

  /** Runs `store`, and tells how long it took, and whether it failed. */
  async around<T>(records: readonly Traced[], store: () => Promise<T>): Promise<T> {
    const spans = records.flatMap((record) => {
      const parent = parseTraceparent(record.trace);
      if (!parent) return [];
      const attributes = { "octet.frame.id": record.frameId, "octet.batch.records": records.length };
      return this.tracer.startSpan("gateway.store", { kind: SpanKind.CONSUMER, attributes }, trace.setSpanContext(ROOT_CONTEXT, parent));
    });
    try {
      return await store();
    } catch (error) {
      for (const span of spans) span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).message });
      throw error;
    } finally {
      for (const span of spans) span.end();
    }
  }

  flush(): Promise<void> {
    return this.provider.forceFlush();
  }

  close(): Promise<void> {
    return this.provider.shutdown();
  }
}

/** W3C trace context, version 00. */
function parseTraceparent(text: string | null | undefined) {
  const [, traceId, spanId, flags] = text?.match(/^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/) ?? [];
  if (!traceId || !spanId || !flags) return null;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
}
