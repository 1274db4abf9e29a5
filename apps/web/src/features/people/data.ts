import type { Database } from "@octet/db/client";
import { type Person, personSchema } from "./schema.ts";

export async function listPeople(db: Database): Promise<Person[]> {
  const rows = await db.user.findMany({ orderBy: { createdAt: "asc" } });
  return rows.map((row) => personSchema.parse(row));
}
