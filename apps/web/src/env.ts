import { z } from "zod";
import { signOnEnvSchema, signOnProblem } from "./server/sign-on.ts";

const settings = z.object({
  ...signOnEnvSchema.shape,
  NODE_ENV: z.enum(["development", "production", "test"]).default("production"),
  PORT: z.coerce.number().int().min(0).max(65535).default(3000),
  /** Address to listen on. */
  HOST: z.string().default("0.0.0.0"),
  DATABASE_URL: z.string().min(1),
  /** Folder for keys, media, models and spools. */
  OCTET_HOME: z.string().min(1),
  /** Folder of models, images and reports; default OCTET_HOME/artifacts. Web processes that share a database share it too. */
  OCTET_ARTIFACTS: z.string().min(1).optional(),
  /** At least 16 characters; else a key file under OCTET_HOME is made. Seals camera passwords and signs sessions. */
  OCTET_SECRET: z.string().min(16).optional(),
  /** Public origin, where it is not http://localhost:PORT (behind a proxy, say). */
  OCTET_ORIGIN: z.url().optional(),
  /** Where other web processes on the same database reach this one; default: the host's address and PORT. */
  OCTET_REPLICA_URL: z.url().optional(),
  /** First admin, made when there are no people yet. */
  OCTET_ADMIN_EMAIL: z.email().optional(),
  OCTET_ADMIN_PASSWORD: z.string().min(8).optional(),
  /** Token that the local worker joins with; its hash is registered at boot. */
  OCTET_WORKER_TOKEN: z.string().min(16).optional(),
  /** Token for the local CLI; its hash is registered at boot as an admin API token. */
  OCTET_CLI_TOKEN: z.string().min(16).optional(),
  /** Days that detections are kept. */
  OCTET_RETENTION_DAYS: z.coerce.number().int().min(1).max(3650).default(30),
  /** Arrival of a frame to its boxes at p99, ms: a camera over it raises an alarm. */
  OCTET_LATENCY_BUDGET_MS: z.coerce.number().min(1).max(60_000).default(200),
  /** Alarms are POSTed here as JSON, when they are raised and when they clear. */
  OCTET_ALARM_WEBHOOK: z.url({ protocol: /^https?$/ }).optional(),
  /** Where traces that workers begin (OCTET_TRACE_EVERY) go on to, OTLP over HTTP; without it they end at the worker. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
});

const schema = settings.superRefine((env, context) => {
  const problem = signOnProblem(env, env.OCTET_ORIGIN);
  if (problem) context.addIssue({ code: "custom", path: ["OCTET_OIDC_ISSUER"], message: problem });
});

export type Env = z.infer<typeof schema>;

let cached: Env | undefined;

/** The validated environment. Throws with every problem named. Read on first use, so that a build needs none of it. */
export function env(): Env {
  if (!cached) {
    const parsed = schema.safeParse(process.env);
    if (!parsed.success)
      throw new Error(
        `Environment is not valid: ${parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ")}`,
      );
    cached = parsed.data;
  }
  return cached;
}
