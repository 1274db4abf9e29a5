import { z } from "zod";

/** Bytes of any backing buffer: `z.instanceof(Uint8Array)` would ask for one that is not shared. */
export const uint8ArraySchema = z.custom<Uint8Array>((value) => value instanceof Uint8Array, "Expected bytes");
