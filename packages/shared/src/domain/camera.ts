import { z } from "zod";
import type { ErrorInfo } from "../errors.ts";
import { uint8ArraySchema } from "./bytes.ts";
import { errorInfoSchema } from "./error-info.ts";
import { anywhere, placementRuleSchema } from "./placement.ts";

export const cameraIdSchema = z.uuid();
export const transportSchema = z.enum(["tcp", "udp"]);
export type Transport = z.infer<typeof transportSchema>;

/** URL schemes that a source can open; a bare path is a file below the media folder. */
export const cameraUrlSchemes = ["rtsp:", "rtsps:", "http:", "https:", "file:", "synthetic:"] as const;

/**
 * A camera's address: `rtsp://`, `rtsps://`, `http(s)://`, `file:NAME` (a file under the media
 * folder) or `synthetic:` (frames made in the worker, for tests and load).
 */
export const cameraUrlSchema = z
  .string()
  .trim()
  .min(1, "Enter the camera's URL")
  .max(2048)
  .superRefine((value, context) => {
    let url: URL;
    try {
      url = new URL(value);
    } catch {
      context.addIssue({
        code: "custom",
        message: "This is not a URL. Examples: rtsp://user:password@192.0.2.10:554/stream1, file:street.mp4",
      });
      return;
    }
    if (!(cameraUrlSchemes as readonly string[]).includes(url.protocol)) {
      context.addIssue({ code: "custom", message: `${url.protocol}// is not supported. Use ${cameraUrlSchemes.join(" ")}` });
      return;
    }
    if (url.protocol === "file:" && value.slice(5).split(/[\\/]/).includes("..")) {
      context.addIssue({ code: "custom", message: "A file must lie under the media folder: its path may not contain .." });
    }
    if (/^(rtsps?|https?):$/.test(url.protocol) && url.hostname === "") {
      context.addIssue({ code: "custom", message: "The URL has no host" });
    }
  });

export const tagSchema = z
  .string()
  .trim()
  .min(1)
  .max(40)
  .regex(/^[^,;]+$/, "A tag may not contain a comma or semicolon");

const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** Names of the classes of objects that a camera reports, each once, whatever its case; empty: all that its model knows. */
export const cameraClassesSchema = z
  .array(
    z
      .string()
      .trim()
      .min(1)
      .max(100)
      .regex(/^[^,;]+$/, "A class may not contain a comma or semicolon"),
  )
  .max(100)
  .transform((names) => names.filter((name, index) => names.findIndex((other) => sameName(other, name)) === index));

export const cameraPriorities = ["low", "normal", "high"] as const;
/** Under overload those of a higher priority keep their rate until those of a lower one are at their least. */
export const cameraPrioritySchema = z.enum(cameraPriorities);
export type CameraPriority = z.infer<typeof cameraPrioritySchema>;

/** Detections a second while nothing moves in the picture; null: as many as ever. */
export const stillFpsSchema = z.number().min(0.1).max(30).nullable();

/** Capture of a frame to its boxes at p99, ms: its frames' deadline, and what an alarm goes by; null: what its worker aims at. */
export const latencyBudgetSchema = z.number().int().min(20).max(10_000).nullable();

/** What a person enters. */
export const cameraInputSchema = z.object({
  name: z.string().trim().min(1, "Enter a name").max(80),
  url: cameraUrlSchema,
  /** A smaller stream of the same camera, used for detection when present. */
  substreamUrl: cameraUrlSchema.nullish().transform((value) => value ?? null),
  transport: transportSchema.default("tcp"),
  /** Detections a second asked of this camera. */
  detectFps: z.number().min(0.1).max(30).default(5),
  /** Detections under this score are dropped, 0–1. */
  confidence: z.number().min(0.05).max(0.99).default(0.5),
  tags: z.array(tagSchema).max(20).default([]),
  classes: cameraClassesSchema.default([]),
  placement: placementRuleSchema.default(anywhere),
  priority: cameraPrioritySchema.default("normal"),
  stillFps: stillFpsSchema.default(null),
  latencyBudgetMs: latencyBudgetSchema.default(null),
  enabled: z.boolean().default(true),
});
export type CameraInput = z.input<typeof cameraInputSchema>;
export type CameraFields = z.output<typeof cameraInputSchema>;

/** A patch: only what is present changes (no defaults are filled in). */
export const cameraPatchSchema = z.object({
  name: cameraInputSchema.shape.name.optional(),
  url: cameraUrlSchema.optional(),
  substreamUrl: cameraUrlSchema.nullable().optional(),
  transport: transportSchema.optional(),
  detectFps: z.number().min(0.1).max(30).optional(),
  confidence: z.number().min(0.05).max(0.99).optional(),
  tags: z.array(tagSchema).max(20).optional(),
  classes: cameraClassesSchema.optional(),
  placement: placementRuleSchema.optional(),
  priority: cameraPrioritySchema.optional(),
  stillFps: stillFpsSchema.optional(),
  latencyBudgetMs: latencyBudgetSchema.optional(),
  enabled: z.boolean().optional(),
});
export type CameraPatch = z.infer<typeof cameraPatchSchema>;

/** A camera as it leaves the server: passwords in URLs are replaced by `•••`. */
export const cameraSchema = z.object({
  id: cameraIdSchema,
  name: z.string(),
  /** Empty where it is lost. */
  url: z.string(),
  substreamUrl: z.string().nullable(),
  /** The server's key does not open its addresses: it runs nowhere until they are entered anew. */
  addressLost: z.boolean().default(false),
  transport: transportSchema,
  detectFps: z.number(),
  confidence: z.number(),
  tags: z.array(z.string()),
  classes: z.array(z.string()).default([]),
  placement: placementRuleSchema.default(anywhere),
  priority: cameraPrioritySchema.default("normal"),
  stillFps: stillFpsSchema.default(null),
  latencyBudgetMs: latencyBudgetSchema.default(null),
  enabled: z.boolean(),
  workerId: z.string().nullable(),
  createdAt: z.coerce.date(),
  updatedAt: z.coerce.date(),
});
export type Camera = z.infer<typeof cameraSchema>;

/** Why a camera waits whose address is lost. */
export const ADDRESS_LOST = {
  code: "CAMERA_PASSWORD_REQUIRED",
  message: "Its address was sealed with another key",
  hint: "Restore OCTET_SECRET (or secrets/secret.key) from a back-up, or enter the camera's address again.",
} as const satisfies ErrorInfo;

/** Why a camera has no worker, as far as itself tells. A worker that is draining takes no cameras. */
export function noWorkerFor({ addressLost, placement: { require, exclude } }: Pick<Camera, "addressLost" | "placement">): ErrorInfo {
  if (addressLost) return ADDRESS_LOST;
  const code = "WORKER_UNAVAILABLE";
  const hint = "Start a worker, or let one take cameras again: see Workers.";
  if (require.length > 0)
    return {
      code,
      message: `No worker that takes cameras has ${require.join(" and ")}`,
      hint: "Start one with OCTET_LABELS, let one take cameras again, or change what the camera needs: see Workers.",
    };
  if (exclude.length > 0) return { code, message: `Each worker that takes cameras has ${exclude.join(" or ")}, or there is none`, hint };
  return { code, message: "No worker takes cameras", hint };
}

export const cameraStates = ["disabled", "waiting", "connecting", "online", "offline"] as const;
export const cameraStateSchema = z.enum(cameraStates);
/** disabled: switched off · waiting: no worker runs it · connecting: being opened · online: frames arrive · offline: `reason` says why not. */
export type CameraState = z.infer<typeof cameraStateSchema>;

export const frameCountersSchema = z.object({
  /** Packets' worth of frames received since the source was opened by this worker. */
  received: z.number(),
  decoded: z.number(),
  /** Scaled to the model's input, because they were due for detection. */
  scaled: z.number(),
  inferred: z.number(),
  /** Scaled but replaced by a newer frame before inference. */
  dropped: z.number(),
  /** Scaled, and left out since nothing had moved. */
  still: z.number().default(0),
  detections: z.number(),
  reconnects: z.number(),
});
export type FrameCounters = z.infer<typeof frameCountersSchema>;

export const percentilesSchema = z.object({ p50: z.number(), p95: z.number(), p99: z.number() });
export type Percentiles = z.infer<typeof percentilesSchema>;

/** `network`: how late the frame came, against its time stamp and the earliest arrivals of the last minutes: the way here, the camera's unsteadiness, buffers. */
export const stageNames = ["network", "decode", "queue", "preprocess", "infer", "postprocess", "publish"] as const;
export type StageName = (typeof stageNames)[number];

/** Milliseconds by stage; `total` is from a frame's capture until it was handed out. Empty where nothing was inferred. */
export const stageLatencySchema = z.partialRecord(z.enum([...stageNames, "total"]), percentilesSchema);
export type StageLatency = z.infer<typeof stageLatencySchema>;

/** Over which the percentiles in a camera's status are taken, ms. They are within 1 %. */
export const LATENCY_WINDOW_MS = 60_000;

/** Live state of one camera, as its worker reports it each second. */
export const cameraStatusSchema = z.object({
  cameraId: cameraIdSchema,
  state: cameraStateSchema,
  reason: errorInfoSchema.nullable(),
  /** Unix ms of the last change of `state`. */
  since: z.number(),
  workerId: z.string().nullable(),
  stream: z
    .object({
      codec: z.string(),
      width: z.number(),
      height: z.number(),
      fps: z.number(),
      decoder: z.string(),
      scaler: z.string().optional(),
    })
    .nullable(),
  /** Measured over the last seconds. */
  streamFps: z.number(),
  detectFps: z.number(),
  /** Detections a second that its worker lets it have: fewer than asked for where the host is overloaded, 0 where it is left out. Null: of a worker that does not say. */
  granted: z.number().nullable().default(null),
  counters: frameCountersSchema,
  /** Over the last minute. */
  latency: stageLatencySchema,
  /** sha256 of the model that it runs on. */
  model: z.string().nullable().default(null),
  /** Why it does not run on the model that was promoted for it; it goes on with the one it had. */
  modelAlarm: errorInfoSchema.nullable().default(null),
});
export type CameraStatus = z.infer<typeof cameraStatusSchema>;

/** What is shown of a camera wherever it is listed: another text, and there is news. Its counts change each second. */
export const statusNews = ({ state, reason, since, workerId, stream, model, modelAlarm }: CameraStatus): string =>
  `${state} ${since} ${workerId} ${reason?.code} ${reason?.message} ${stream?.width} ${stream?.height} ${stream?.codec} ${model} ${modelAlarm?.code}`;

/** The answer of "test connection". */
export const streamProbeSchema = z.object({
  codec: z.string(),
  width: z.number().int(),
  height: z.number().int(),
  fps: z.number(),
  /** Frames between key frames, null where fewer than two key frames were seen. */
  gop: z.number().nullable(),
  bitrateKbps: z.number().nullable(),
  hasAudio: z.boolean(),
  openMs: z.number(),
  /** One decoded frame, JPEG. */
  snapshot: uint8ArraySchema.nullable(),
});
export type StreamProbe = z.infer<typeof streamProbeSchema>;
