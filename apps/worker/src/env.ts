import os from "node:os";
import { labelSchema } from "@octet/shared/domain/placement";
import { AppError } from "@octet/shared/errors";
import { usableCores } from "@octet/shared/host-limits";
import { splitList } from "@octet/shared/split-list";
import { z } from "zod";

const schema = z.object({
  /** The gateway: the dashboard's URL. */
  OCTET_URL: z.url(),
  /** A worker token made under Settings → Tokens. */
  OCTET_WORKER_TOKEN: z.string().min(16),
  /** Folder for the spool and, below `media/`, the files that `file:` cameras may play. */
  OCTET_HOME: z.string().min(1),
  /** Stays the same over restarts, so that the gateway knows this worker again. */
  OCTET_WORKER_ID: z.string().min(1).max(100).optional(),
  OCTET_WORKER_NAME: z.string().min(1).max(100).default(os.hostname()),
  /** Separated by commas: what cameras may ask for, such as `site=north`. */
  OCTET_LABELS: z
    .string()
    .default("")
    .transform((text) => splitList(text))
    .pipe(z.array(labelSchema).max(20)),
  /** Path of an ONNX detector; the one from npm when unset. */
  OCTET_MODEL: z.string().optional(),
  OCTET_PROVIDER: z.enum(["cpu", "webgpu", "cuda", "tensorrt"]).default("cpu"),
  /** Indices of the NVIDIA GPUs to use, separated by commas; `all` of them when unset. */
  OCTET_GPUS: z
    .string()
    .default("all")
    .transform((text) => (text.trim() === "all" ? null : text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)))))
    .pipe(z.array(z.number().int().min(0)).min(1).nullable()),
  /** Inference threads; each runs its own session. */
  OCTET_INFER_THREADS: z.coerce.number().int().min(1).max(64).default(Math.min(8, usableCores())),
  OCTET_MEDIA_THREADS: z.coerce.number().int().min(1).max(64).default(Math.min(8, usableCores())),
  /** Decoders of one thread do not wait for each other: for those of a GPU (docs/gpu.md). */
  OCTET_DECODE_IN_POOL: z.stringbool().default(false),
  /** Frames of different cameras in one run of the model. A CPU gains nothing from more than 1. */
  OCTET_MAX_BATCH: z.coerce.number().int().min(1).max(64).optional(),
  /** Time from capture to detections that is asked for, ms; 200 on a GPU and 500 on a CPU, see `latencyBudgetMs`, when unset. */
  OCTET_LATENCY_BUDGET_MS: z.coerce.number().int().min(10).max(60_000).optional(),
  OCTET_SPOOL_BYTES: z.coerce
    .number()
    .int()
    .min(1 << 20)
    .default(256 << 20),
  /** Prometheus metrics and probes are served here; 0: not at all. */
  OCTET_METRICS_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  /** Address to serve them on. They name cameras: not to be open to everyone. */
  OCTET_METRICS_HOST: z.string().min(1).default("127.0.0.1"),
  /** One in so many of each camera's frames is traced; 0: none. */
  OCTET_TRACE_EVERY: z.coerce.number().int().min(0).max(1_000_000).default(0),
  /** Where traces go, OTLP over HTTP: the collector's address without /v1/traces. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).default("http://127.0.0.1:4318"),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
});

export type Env = z.infer<typeof schema>;

/** The validated environment. @throws AppError BAD_INPUT that names every problem */
export function readEnv(): Env {
  const parsed = schema.safeParse(process.env);
  if (!parsed.success)
    throw new AppError("BAD_INPUT", parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; "), {
      hint: "These are environment variables of the worker: see docs/workers.md.",
    });
  return parsed.data;
}

/** 200 ms is the reference scenario's, which has a GPU: a run of a detector takes half of that on a core, with no other before it. */
export function latencyBudgetMs(env: Pick<Env, "OCTET_LATENCY_BUDGET_MS" | "OCTET_PROVIDER">): number {
  return env.OCTET_LATENCY_BUDGET_MS ?? (env.OCTET_PROVIDER === "cpu" ? 500 : 200);
}

/** Where this process's temporary files go from now on. */
export function useTemporaryFolder(folder: string): void {
  Object.assign(process.env, { TMPDIR: folder, TMP: folder, TEMP: folder });
}
