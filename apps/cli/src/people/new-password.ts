import { randomBytes } from "node:crypto";
import { text } from "node:stream/consumers";
import type { Command } from "commander";

export interface PasswordOptions {
  passwordStdin?: true;
}

/** Never as an argument: the host's list of processes shows those. */
export const withPassword = (command: Command): Command =>
  command.option("--password-stdin", "read the password from stdin; else one is made, and shown this once");

/** `shown`: null where the caller knows it. */
export async function newPassword({ passwordStdin }: PasswordOptions): Promise<{ password: string; shown: string | null }> {
  if (passwordStdin) return { password: (await text(process.stdin)).replace(/\r?\n$/, ""), shown: null };
  const password = randomBytes(15).toString("base64url");
  return { password, shown: password };
}
