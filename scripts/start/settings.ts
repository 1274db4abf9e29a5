import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { root } from "../lib/root.mjs";

export interface Settings {
  home: string;
  databaseUrl: string | undefined;
  port: number;
  host: string;
  demo: boolean;
  adminEmail: string;
  adminPassword: string | undefined;
}

/** An error whose text tells a person what to do; no stack is shown. */
export class StartError extends Error {
  readonly exitCode = 2;
}

/** The start command's own environment. */
export async function readSettings(): Promise<Settings> {
  const env = process.env;
  const home = path.resolve(root, env["OCTET_HOME"] ?? ".octet");
  mkdirSync(home, { recursive: true });
  const password = env["OCTET_ADMIN_PASSWORD"];
  if (password !== undefined && password.length < 8) throw new StartError("OCTET_ADMIN_PASSWORD must have at least 8 characters.");
  const host = env["HOST"] ?? "0.0.0.0";
  return {
    home,
    databaseUrl: env["DATABASE_URL"] || undefined,
    port: await choosePort(env["PORT"], host),
    host,
    demo: env["OCTET_DEMO"] !== "0",
    adminEmail: env["OCTET_ADMIN_EMAIL"] ?? "admin@octet.local",
    adminPassword: password,
  };
}

/** PORT exactly as given, or else the first free one from 3000. */
async function choosePort(given: string | undefined, host: string): Promise<number> {
  if (given !== undefined && given !== "") {
    const port = Number(given);
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw new StartError(`PORT is "${given}", which is not a port number (0–65535).`);
    const bound = await tryPort(port, host);
    if (bound === null)
      throw new StartError(
        `Port ${port} is in use. Stop what uses it, or set PORT to another one (without PORT, the next free one is taken).`,
      );
    return bound;
  }
  for (let port = 3000; port < 3100; port++) if ((await tryPort(port, host)) !== null) return port;
  throw new StartError("All ports from 3000 to 3099 are in use. Set PORT to a free one.");
}

function tryPort(port: number, host: string): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(null));
    server.listen(port, host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : null));
    });
  });
}

/** A random token kept in a file that only its owner may read. */
export function keptToken(home: string, name: string): string {
  const folder = path.join(home, "secrets");
  const file = path.join(folder, name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    const token = `octet_${randomBytes(32).toString("base64url")}`;
    writeFileSync(file, token, { mode: 0o600 });
    return token;
  }
}

/** Readable, without characters that are mistaken for others. */
export function newPassword(): string {
  const alphabet = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
  return Array.from(randomBytes(16), (byte) => alphabet[byte % alphabet.length]).join("");
}
