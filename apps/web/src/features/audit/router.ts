import { adminOnly, router } from "../../server/trpc.ts";
import { listAudit } from "./data.ts";
import { listAuditSchema } from "./schema.ts";

export const auditRouter = router({
  list: adminOnly
    .meta({ summary: "Who changed what, when and why; newest first, by pages" })
    .input(listAuditSchema)
    .query(({ ctx, input }) => listAudit(ctx.db, input)),
});
