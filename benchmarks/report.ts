import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { packageVersion } from "@octet/inference/package-version";
import { cpuFlags } from "./cpu-flags.ts";

/** The version of ONNX Runtime that Node runs. */
export const runtimeVersion = (): string => packageVersion("onnxruntime-node");

const resultFile = (name: string, out?: string): string =>
  out ? path.resolve(out) : fileURLToPath(new URL(`./results/${name}.json`, import.meta.url));

/** What an earlier run wrote; null where there is none. */
export function earlierResult(name: string, out?: string): Record<string, unknown> | null {
  const file = resultFile(name, out);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>) : null;
}

/** Writes benchmarks/results/NAME.json, or another file, with what the figures were measured on. */
export function writeResult(name: string, result: object, out?: string): string {
  const file = resultFile(name, out);
  mkdirSync(path.dirname(file), { recursive: true });
  const host = {
    cpu: os.cpus()[0]?.model ?? "unknown",
    cpuFlags: cpuFlags(),
    cores: os.availableParallelism(),
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    node: process.versions.node,
    platform: `${os.platform()}-${os.arch()}`,
  };
  writeFileSync(file, `${JSON.stringify({ name, date: new Date().toISOString(), host, ...result }, null, 2)}\n`);
  return file;
}
