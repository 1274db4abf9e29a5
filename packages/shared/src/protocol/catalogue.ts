import { z } from "zod";
import { uint8ArraySchema } from "../domain/bytes.ts";

/** One event of the socket catalogue: what is sent and, where it is acknowledged, what comes back. */
export type EventSpec = { payload: z.ZodType; ack?: z.ZodType };
export type Catalogue = Record<string, EventSpec>;

export type PayloadOf<C extends Catalogue, E extends keyof C> = z.output<C[E]["payload"]>;
export type AckOf<C extends Catalogue, E extends keyof C> = C[E]["ack"] extends z.ZodType ? z.output<C[E]["ack"]> : undefined;

/** The major part must agree between worker and gateway; see docs/protocol.md. */
export const PROTOCOL_VERSION = 1;

/** JPEG or packet bytes. Browsers receive ArrayBuffer, Node receives Buffer. */
export const bytesSchema = z
  .union([uint8ArraySchema, z.instanceof(ArrayBuffer)])
  .transform((value): Uint8Array => (value instanceof Uint8Array ? value : new Uint8Array(value)));
