import { z } from "zod";
import { cameraIdSchema, cameraStatusSchema } from "../domain/camera.ts";
import { jobSchema } from "../domain/job.ts";
import { workerLoadSchema } from "../domain/worker.ts";
import type { Catalogue } from "./catalogue.ts";
import { packedFramesSchema } from "./live-frame.ts";
import { videoChunkSchema } from "./worker-protocol.ts";

/** Namespace of browsers. Auth: the session cookie of the dashboard. */
export const LIVE_NAMESPACE = "/live";

export const browserToGateway = {
  /** What is on screen now; replaces what was asked before. */
  watch: {
    payload: z.object({
      /** Boxes of every inferred frame. */
      frames: z.array(cameraIdSchema).max(200),
      /** Small JPEGs with them. */
      previews: z.array(cameraIdSchema).max(200),
      /** Full-rate encoded packets. */
      videos: z.array(cameraIdSchema).max(4),
      /** `cameraStatus`, `workerStatus`, `job` and `changed`. */
      status: z.boolean(),
    }),
    ack: z.object({ ok: z.literal(true) }),
  },
} as const satisfies Catalogue;
export type BrowserToGateway = typeof browserToGateway;

export const gatewayToBrowser = {
  /** What has come of cameras on screen since the last of these. */
  frames: { payload: packedFramesSchema },
  video: { payload: videoChunkSchema },
  /** Replaces what was known of these cameras; of the others nothing has changed that is shown in lists. */
  cameraStatus: { payload: z.array(cameraStatusSchema) },
  /** No worker reports these cameras any more. */
  cameraGone: { payload: z.array(cameraIdSchema) },
  workerStatus: {
    payload: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        online: z.boolean(),
        load: workerLoadSchema.nullable(),
        committed: z.number().nullable(),
      }),
    ),
  },
  /** Something in the database changed: queries on it are stale. */
  changed: { payload: z.object({ topic: z.enum(["cameras", "workers", "models", "datasets", "profiles", "alarms"]) }) },
  /** To all who get status: a job began, went on or ended. */
  job: { payload: jobSchema },
} as const satisfies Catalogue;
export type GatewayToBrowser = typeof gatewayToBrowser;
