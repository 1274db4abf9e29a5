import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { newPassword, type Settings } from "./settings.ts";

interface Kept {
  email: string;
  /** null: the one in OCTET_ADMIN_PASSWORD. */
  password: string | null;
}

/**
 * The first start of a site makes an admin, whose password it shows once it is ready, and the demo cameras. One that ends before
 * (a worker that cannot start, Ctrl-C) may have made the admin already: what it was to show is kept until a start has shown it.
 */
export class FirstStart {
  readonly email: string;
  /** Empty where it was given to a start before, and not to this one: the admin is there. */
  readonly password: string;
  private readonly note: string;
  private readonly shown: boolean;

  private constructor(note: string, { email, password }: Kept, given: string | undefined) {
    this.note = note;
    this.email = email;
    this.shown = password !== null;
    this.password = password ?? given ?? "";
  }

  /** Null where an earlier start was ready. @param nobody the site has no accounts yet */
  static of(
    { home, adminEmail, adminPassword }: Pick<Settings, "home" | "adminEmail" | "adminPassword">,
    nobody: boolean,
  ): FirstStart | null {
    const note = path.join(home, "first-start.json");
    const kept = existsSync(note) ? (JSON.parse(readFileSync(note, "utf8")) as Kept) : null;
    if (!nobody && !kept) return null;
    // An account that is there has the password of the start that made it.
    const admin: Kept = !nobody && kept ? kept : { email: adminEmail, password: adminPassword ? null : newPassword() };
    writeFileSync(note, `${JSON.stringify(admin)}\n`, { mode: 0o600 });
    return new FirstStart(note, admin, adminPassword);
  }

  /** What a person signs in with. */
  get signIn(): string {
    return `Sign in with ${this.email} and ${this.shown ? `the password ${this.password}  (shown once)` : "the password in OCTET_ADMIN_PASSWORD"}`;
  }

  /** It has been shown, and the demo cameras are there. */
  done(): void {
    rmSync(this.note, { force: true });
  }
}
