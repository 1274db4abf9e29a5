import { arch, cpus, hostname, platform } from "node:os";
import type { HostReport } from "@octet/shared/domain/worker";
import { usableCores, usableMemory } from "@octet/shared/host-limits";
import { findGpus, findTensorRt } from "./gpus.ts";
import { packageVersion } from "./package-version.ts";
import { probeProviders } from "./providers.ts";

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
    cpuCores: usableCores(),
    memoryBytes: usableMemory(),
    gpus,
    providers,
    versions: { node: process.versions.node, onnxruntime: packageVersion("onnxruntime-node"), ...tensorrt },
  };
}
