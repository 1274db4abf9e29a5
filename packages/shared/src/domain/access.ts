import { z } from "zod";

/** viewer: watches · operator: manages cameras · admin: also people, tokens and site settings. */
export const roleSchema = z.enum(["viewer", "operator", "admin"]);
export type Role = z.infer<typeof roleSchema>;

export const roleRank: Record<Role, number> = { viewer: 0, operator: 1, admin: 2 };

/** A token for the CLI and other programs (`api`), or for workers that join (`worker`). */
export const accessTokenSchema = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(["api", "worker"]),
  role: roleSchema,
  createdAt: z.coerce.date(),
  lastUsedAt: z.coerce.date().nullable(),
});
export type AccessToken = z.infer<typeof accessTokenSchema>;
