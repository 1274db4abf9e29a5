import { hkdfSync, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { env } from "../../env.ts";

let master: Buffer | undefined;

/** OCTET_SECRET, or 32 bytes kept in a file that only its owner may read. */
function masterSecret(): Buffer {
  if (master) return master;
  const { OCTET_SECRET, OCTET_HOME } = env();
  if (OCTET_SECRET) {
    master = Buffer.from(OCTET_SECRET, "utf8");
    return master;
  }
  const folder = path.join(OCTET_HOME, "secrets");
  const file = path.join(folder, "secret.key");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    // Fails where it exists: a key must never be replaced, or every sealed password is lost.
    writeFileSync(file, randomBytes(32).toString("base64url"), { mode: 0o600, flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  master = Buffer.from(readFileSync(file, "utf8").trim(), "base64url");
  if (master.length < 32) throw new Error(`${file} is damaged. Restore it from a back-up: camera passwords are sealed with it.`);
  return master;
}

/** Independent keys from one secret (HKDF, RFC 5869). */
const derive = (purpose: string): Buffer => Buffer.from(hkdfSync("sha256", masterSecret(), "octet", purpose, 32));

/** Signs sessions. */
export const authSecret = (): string => derive("auth").toString("base64url");

/** AES-256 key that camera URLs are sealed with. */
export const sealingKey = (): Buffer => derive("camera-urls");

/** By which web processes know that they belong to one installation. */
export const replicaKey = (): Buffer => derive("replicas");
