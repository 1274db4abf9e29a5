import type { Database, Transaction } from "@octet/db/client";
import type { Role } from "@octet/shared/domain/access";
import { changesBetween } from "@octet/shared/domain/audit-changes";
import { AppError } from "@octet/shared/errors";
import { notFound } from "../../server/not-found.ts";
import { audit } from "../audit/mutations.ts";
import type { PersonInput } from "./schema.ts";

/** What better-auth does for us, handed in: it hashes passwords, and these functions stay free of the request. */
export interface PersonAuthority {
  createUser(input: PersonInput): Promise<void>;
  hashPassword(password: string): Promise<string>;
  verifyPassword(input: { hash: string; password: string }): Promise<boolean>;
}

export async function createPerson(db: Database, authority: PersonAuthority, input: PersonInput, who: string): Promise<void> {
  const person = { ...input, email: input.email.toLowerCase() };
  const isTaken = async (): Promise<boolean> => (await db.user.count({ where: { email: person.email } })) > 0;
  const taken = (cause?: unknown): AppError => new AppError("CONFLICT", `${person.email} has an account already`, { cause });
  if (await isTaken()) throw taken();
  try {
    await authority.createUser(person);
  } catch (error) {
    throw (await isTaken()) ? taken(error) : error;
  }
  const { id, name, email, role } = await db.user.findUniqueOrThrow({ where: { email: person.email } });
  await audit(db, who, "person.create", id, { name, email, role });
}

interface Named {
  name: string;
  email: string;
  role: string | null;
}

/** Runs `change` on a person who may stop being an admin by it. A site without one could never be administered again. */
function keepingAnAdmin(db: Database, id: string, change: (tx: Transaction, person: Named) => Promise<unknown>): Promise<void> {
  return db.$transaction(async (tx) => {
    // Two admins who demote each other at once must not both succeed.
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('octet.people.admins'))`;
    const person = await tx.user.findUnique({ where: { id } });
    if (!person) throw notFound("person");
    await change(tx, person);
    if (person.role === "admin" && (await tx.user.count({ where: { role: "admin" } })) === 0)
      throw new AppError("CONFLICT", "This is the last admin", { hint: "Make somebody else an admin first." });
  });
}

export function setPersonRole(db: Database, id: string, role: Role, who: string): Promise<void> {
  return keepingAnAdmin(db, id, async (tx, before) => {
    const { name, email } = before;
    if (before.role === role) return;
    await tx.user.update({ where: { id }, data: { role } });
    await audit(tx, who, "person.set-role", id, { name, email, changes: changesBetween(before, { ...before, role }, ["role"]) });
  });
}

/** Their sessions go with them. */
export function removePerson(db: Database, id: string, who: string): Promise<void> {
  return keepingAnAdmin(db, id, async (tx, { name, email }) => {
    await tx.user.delete({ where: { id } });
    await audit(tx, who, "person.remove", id, { name, email });
  });
}

/** Sets a new password and ends the person's sessions. */
export async function resetPassword(
  db: Database,
  authority: PersonAuthority,
  { id, password }: { id: string; password: string },
  who: string,
): Promise<void> {
  const hash = await authority.hashPassword(password);
  await db.$transaction(async (tx) => {
    const person = await tx.user.findUnique({ where: { id }, select: { name: true, email: true } });
    if (!person) throw notFound("person");
    const { count } = await tx.account.updateMany({ where: { userId: id, providerId: "credential" }, data: { password: hash } });
    if (count === 0) throw new AppError("CONFLICT", "This person signs in by single sign-on alone and has no password here");
    await tx.session.deleteMany({ where: { userId: id } });
    await audit(tx, who, "person.reset-password", id, person);
  });
}

/** Needs the password in use, and ends all sessions but the one it is done in. */
export async function changeOwnPassword(
  db: Database,
  authority: PersonAuthority,
  input: { userId: string; sessionId: string; currentPassword: string; newPassword: string },
  who: string,
): Promise<void> {
  const { userId, sessionId } = input;
  const account = await db.account.findFirst({ where: { userId, providerId: "credential" } });
  if (!account) throw new AppError("CONFLICT", "You sign in by single sign-on alone and have no password here");
  if (!account.password || !(await authority.verifyPassword({ hash: account.password, password: input.currentPassword })))
    throw new AppError("FORBIDDEN", "The current password is not right");
  const password = await authority.hashPassword(input.newPassword);
  await db.$transaction(async (tx) => {
    await tx.account.update({ where: { id: account.id }, data: { password } });
    await tx.session.deleteMany({ where: { userId, id: { not: sessionId } } });
    await audit(tx, who, "person.change-password", userId, { name: who });
  });
}
