import { z } from "zod";

/** Bytes of any backing buffer: `z.instanceof(Uint8Array)` would ask for one that is not shared. */
export const uint8ArraySchema = z.custom<Uint8Array>((value) => value instanceof Uint8Array, "Expected bytes");

/** Bytes that crossed a socket: Buffer, Uint8Array or ArrayBuffer, as its parser and platform give them. */
export const bytesSchema = z
  .union([uint8ArraySchema, z.instanceof(ArrayBuffer)])
  .transform((value): Uint8Array => (value instanceof Uint8Array ? value : new Uint8Array(value)));
