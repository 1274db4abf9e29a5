import { sha256Schema } from "@octet/shared/domain/artifact";
import { licenceSchema } from "@octet/shared/domain/model";
import { z } from "zod";

export const modelNameSchema = z.string().trim().min(1, "Enter a name").max(100, "At most 100 characters");
const notesSchema = z.string().trim().max(2000, "At most 2000 characters");

/** `sha256` of a file that lies in the artifact store already. */
export const addModelSchema = z.object({
  sha256: sha256Schema,
  name: modelNameSchema,
  /** What whoever adds it knows; empty where they do not. */
  licence: z.string().trim().max(80, "At most 80 characters").default(""),
  origin: z.string().trim().max(500, "At most 500 characters").default(""),
  notes: notesSchema.default(""),
});
export type AddModel = z.output<typeof addModelSchema>;

export const updateModelSchema = z.object({
  id: z.uuid(),
  patch: z.object({ name: modelNameSchema, notes: notesSchema, licence: licenceSchema }).partial(),
});
export type UpdateModel = z.output<typeof updateModelSchema>;
