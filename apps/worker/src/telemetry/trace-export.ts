import type { Tracer } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";

export interface TraceExport {
  tracer: Tracer;
  /** Sends what waits now. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** Spans go to `<endpoint>/v1/traces` as OTLP JSON, in batches; what cannot be sent is dropped. */
export function exportTraces(options: { endpoint: string; version: string; workerId: string; workerName: string }): TraceExport {
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({
      "service.name": "octet-worker",
      "service.version": options.version,
      "service.instance.id": options.workerId,
      "host.name": options.workerName,
    }),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: `${options.endpoint.replace(/\/+$/, "")}/v1/traces` }))],
  });
  return {
    tracer: provider.getTracer("octet"),
    flush: () => provider.forceFlush(),
    close: () => provider.shutdown(),
  };
}
