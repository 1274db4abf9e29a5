import os from "node:os";
import { env } from "../../env.ts";

/** Where other web processes reach this one: as set, or at this host's address. */
export function replicaUrl(): string {
  const { OCTET_REPLICA_URL, HOST, PORT } = env();
  if (OCTET_REPLICA_URL) return OCTET_REPLICA_URL;
  const anywhere = HOST === "0.0.0.0" || HOST === "::";
  const own = Object.values(os.networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ internal, family }) => !internal && family === "IPv4")?.address;
  const host = anywhere ? (own ?? "127.0.0.1") : HOST;
  return `http://${host.includes(":") ? `[${host}]` : host}:${PORT}`;
}
