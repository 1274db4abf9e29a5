import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, availableParallelism, cpus, hostname, platform, totalmem } from "node:os";
import type { HostReport } from "@octet/shared/domain/worker";
import { findGpus, findTensorRt } from "./gpus.ts";
import { probeProviders } from "./providers.ts";

function versionOf(name: string): string {
  try {
    const file = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
  } catch {
    return "not installed";
  }
}

/** What this host is and what ONNX Runtime can do on it; the decoders are the media package's to find. Takes a second or two. */
export async function probeHost(): Promise<Omit<HostReport, "decoders">> {
  const [gpus, providers] = await Promise.all([findGpus(), probeProviders()]);
  const tensorrt: Record<string, string> = gpus.length > 0 ? { tensorrt: (await findTensorRt()) ?? "not found" } : {};
  return {
    hostname: hostname(),
    platform: platform(),
    arch: arch(),
    node: process.version,
    cpuModel: cpus()[0]?.model.trim() ?? "unknown",
    cpuCores: availableParallelism(),
    memoryBytes: totalmem(),
    gpus,
    providers,
    versions: { node: process.versions.node, onnxruntime: versionOf("onnxruntime-node"), ...tensorrt },
  };
}
