import { readFileSync } from "node:fs";
import path from "node:path";
import { AppError } from "@octet/shared/errors";
import { z } from "zod";
import type { Env } from "../env.ts";

export interface Connection {
  /** Without a slash at the end. */
  url: string;
  token: string | null;
  /** Said in the environment, or found in the file that a local server left. */
  from: "environment" | "file";
}

const fileSchema = z.object({ url: z.url(), token: z.string().min(1) });
const withoutSlash = (url: string) => url.replace(/\/+$/, "");

/** Which server the commands talk to; null where none is known. @throws AppError BAD_INPUT where cli.json is damaged */
export function findConnection(env: Env): Connection | null {
  if (env.OCTET_URL) return { url: withoutSlash(env.OCTET_URL), token: env.OCTET_TOKEN ?? null, from: "environment" };
  const file = path.join(env.OCTET_HOME, "cli.json");
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return null;
  }
  try {
    const { url, token } = fileSchema.parse(JSON.parse(text));
    return { url: withoutSlash(url), token: env.OCTET_TOKEN ?? token, from: "file" };
  } catch (cause) {
    throw new AppError("BAD_INPUT", `${file} is damaged`, { hint: "Start Octet again with `npm start`, which writes it anew.", cause });
  }
}

/** @throws AppError BAD_INPUT where no server, or no token, is known */
export function requireConnection(env: Env): Connection & { token: string } {
  const connection = findConnection(env);
  if (!connection)
    throw new AppError("BAD_INPUT", "No Octet server is known here", {
      hint: "Start one with `npm start`, or set OCTET_URL and OCTET_TOKEN (an API token from Settings → Tokens).",
    });
  if (!connection.token)
    throw new AppError("BAD_INPUT", "OCTET_URL is set, but OCTET_TOKEN is not", {
      hint: "Make an API token under Settings → Tokens, and set OCTET_TOKEN.",
    });
  return { ...connection, token: connection.token };
}
