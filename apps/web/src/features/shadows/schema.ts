import { z } from "zod";

export const shadowOfSchema = z.object({ profileId: z.uuid() });
