import type { Database } from "@octet/db/client";
import type { Role } from "@octet/shared/domain/access";
import { AppError } from "@octet/shared/errors";
import type { PersonInput } from "./schema.ts";

/** What better-auth does for us, handed in: it hashes passwords, and these functions stay free of the request. */
export interface PersonAuthority {
  createUser(input: PersonInput): Promise<void>;
  hashPassword(password: string): Promise<string>;
}

export async function createPerson(db: Database, authority: PersonAuthority, input: PersonInput): Promise<void> {
  if (await db.user.findUnique({ where: { email: input.email.toLowerCase() } }))
    throw new AppError("CONFLICT", `${input.email} has an account already`);
  await authority.createUser(input);
}

/** A site without an admin could never be administered again. */
async function refuseLastAdmin(db: Database, id: string): Promise<void> {
  const person = await db.user.findUnique({ where: { id } });
  if (!person) throw new AppError("NOT_FOUND", "There is no such person");
  if (person.role === "admin" && (await db.user.count({ where: { role: "admin" } })) <= 1)
    throw new AppError("CONFLICT", "This is the last admin", { hint: "Make somebody else an admin first." });
}

export async function setPersonRole(db: Database, id: string, role: Role): Promise<void> {
  if (role !== "admin") await refuseLastAdmin(db, id);
  await db.user.update({ where: { id }, data: { role } });
}

export async function removePerson(db: Database, id: string): Promise<void> {
  await refuseLastAdmin(db, id);
  await db.user.delete({ where: { id } });
}

/** Sets a new password and ends the person's sessions. */
export async function resetPassword(db: Database, authority: PersonAuthority, id: string, password: string): Promise<void> {
  const hash = await authority.hashPassword(password);
  const { count } = await db.account.updateMany({ where: { userId: id, providerId: "credential" }, data: { password: hash } });
  if (count === 0) throw new AppError("NOT_FOUND", "There is no such person");
  await db.session.deleteMany({ where: { userId: id } });
}
