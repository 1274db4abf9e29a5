import { roleSchema } from "@octet/shared/domain/access";
import { z } from "zod";
import type { OctetApi } from "./api.ts";
import { pickNamed } from "./pick-named.ts";

const personSchema = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  role: roleSchema,
  createdAt: z.coerce.date(),
});
export type Person = z.output<typeof personSchema>;

export const listPeople = (api: OctetApi): Promise<Person[]> => api.query("people.list", undefined, z.array(personSchema));

/** By e-mail address, name or id. @throws AppError NOT_FOUND, BAD_INPUT where several are named so */
export async function findPerson(api: OctetApi, text: string): Promise<Person> {
  const people = await listPeople(api);
  const wanted = text.trim().toLowerCase();
  return people.find(({ email }) => email.toLowerCase() === wanted) ?? pickNamed(people, text, "person", "octet people list");
}
