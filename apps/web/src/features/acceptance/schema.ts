import { z } from "zod";

/** A profile by its id or its name. */
export const acceptanceOfSchema = z.object({ profile: z.string().trim().min(1).max(120) });
