import { z } from "zod";

/**
 * How many levels INT8 weights use. 8: all of −127…127. 7: −64…64, for x64 CPUs without VNNI, whose kernels add two products
 * in 16 bits, which must not saturate. `paired`: −127…127, of which two that are added in that way may only make up 128
 * together: as safe as 7, and finer.
 */
export const weightBitsSchema = z.union([z.literal(7), z.literal(8), z.literal("paired")]);
export type WeightBits = z.infer<typeof weightBitsSchema>;

export const weightBitsText = (bits: WeightBits): string => (bits === "paired" ? "8-bit weights, paired" : `${bits}-bit weights`);
