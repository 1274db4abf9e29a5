import { z } from "zod";
import { modelCostSchema } from "../domain/model.ts";
import { frameSizeSchema } from "./frame-size.ts";

/** A detector that the catalogue has not: what was counted in its file. */
export const ownModelSchema = z.object({
  /** What measurements of it go by: the file's sha256, where it has one. */
  id: z.string().min(1),
  name: z.string().min(1),
  input: frameSizeSchema,
  cost: modelCostSchema,
});
export type OwnModel = z.infer<typeof ownModelSchema>;
