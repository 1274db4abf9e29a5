import { z } from "zod";

export const workerRefSchema = z.object({ id: z.string().min(1).max(100) });
export const drainSchema = workerRefSchema.extend({ draining: z.boolean() });
