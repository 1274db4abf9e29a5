// What the tests of the deployment files share.
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, vi } from "vitest";
import { parse } from "yaml";
import { root } from "../../lib/root.mjs";

// biome-ignore lint/suspicious/noExplicitAny: manifests are checked, not trusted, and their shapes are many
export type Json = any;

export const read = (file: string): string => readFileSync(path.join(root, file), "utf8");
export const yamlFile = (file: string): Json => parse(read(file), { merge: true });
export const manifest = JSON.parse(read("package.json")) as { version: string; engines: { node: string }; workspaces: string[] };
export const sorted = (items: Iterable<string>): string[] => [...new Set(items)].sort();

/** Read by what runs our programs, and not by them. */
const platformNames = new Set([
  "NODE_ENV",
  "NEXT_TELEMETRY_DISABLED",
  "UV_THREADPOOL_SIZE",
  "NVIDIA_VISIBLE_DEVICES",
  "NVIDIA_DRIVER_CAPABILITIES",
  "CUDA_CACHE_PATH",
  "CUDA_DEVICE_ORDER",
]);
const settingsOf = (file: string): Set<string> => new Set([...read(file).matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map(([, name]) => name ?? ""));
const directlyRead = (file: string): Set<string> =>
  new Set([...read(file).matchAll(/process\.env\["(\w+)"\]/g)].map(([, name]) => name ?? ""));
const webSettings = [...settingsOf("apps/web/src/env.ts"), ...settingsOf("apps/web/src/server/sign-on.ts")];
const workerSettings = settingsOf("apps/worker/src/env.ts");
/** What each image's program reads, by the image's name. */
const settings: Record<string, Set<string>> = {
  "octet-web": new Set([...webSettings, ...directlyRead("scripts/deploy/migrate.ts")]),
  "octet-worker": workerSettings,
  "octet-worker-nvidia": workerSettings,
  "octet-demo": directlyRead("scripts/deploy/demo-cameras.ts"),
  postgres: new Set(["POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD"]),
  "grafana/grafana": new Set(["GF_SECURITY_ADMIN_PASSWORD", "GF_ANALYTICS_REPORTING_ENABLED"]),
  "prom/prometheus": new Set(),
};
export const imageName = (image: string): string => image.split(":")[0] ?? "";
export const unknownNames = (image: string, names: Iterable<string>): string[] =>
  [...names].filter((name) => !platformNames.has(name) && !settings[imageName(image)]?.has(name));

/** A program's own settings, read from `env` alone. Throws what it would say at its start. */
export async function settingsFrom(program: "web" | "worker", env: Record<string, string>): Promise<void> {
  const before = process.env;
  vi.resetModules();
  process.env = { ...env } as NodeJS.ProcessEnv;
  try {
    if (program === "web") (await import("../../../apps/web/src/env.ts")).env();
    else (await import("../../../apps/worker/src/env.ts")).readEnv();
  } finally {
    process.env = before;
  }
}

export const isPinned = (image: string): boolean => /^[\w./-]+:[\w.-]*\d+\.\d+[\w.-]*$/.test(image) && !image.endsWith(":latest");

/** Milliseconds after which a program ends by itself, come what may. */
function longestEnd(file: string): number {
  const limits = [...read(file).matchAll(/process\.(?:exit|kill)\([^)]*\)[;,]?\s*(?:\},)?\s*(\d+_000)\)/g)].map(([, ms]) =>
    Number(ms?.replace("_", "")),
  );
  expect(limits, `${file} says how long it may take to end`).not.toEqual([]);
  return Math.max(...limits);
}
export const endOf: Record<string, number> = {
  "octet-web": longestEnd("apps/web/server.ts"),
  "octet-worker": longestEnd("apps/worker/src/main.ts"),
  "octet-worker-nvidia": longestEnd("apps/worker/src/main.ts"),
};
