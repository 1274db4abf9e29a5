import type { Availability, HostReport } from "@octet/shared/domain/worker";
import { bytes } from "../output/units.ts";
import type { Check } from "./check.ts";

const LEAST_MEMORY = 2e9;
/** Without these nothing runs; the others are extras of some hosts. */
const needed = new Set(["cpu", "software"]);

function available(kind: string, { name, available: is, detail }: Availability): Check {
  return { name: `${kind} ${name}`, status: is ? "ok" : needed.has(name) ? "fail" : "absent", detail };
}

/** What the host's own report says: Node, CPU, memory, GPUs, execution providers, decoders. */
export function hostChecks(host: HostReport): Check[] {
  const [major = 0, minor = 0] = host.node.replace(/^v/, "").split(".").map(Number);
  const node = major > 20 || (major === 20 && minor >= 19);
  return [
    {
      name: "Node",
      status: node ? "ok" : "fail",
      detail: `${host.node} on ${host.platform} ${host.arch}`,
      ...(node ? {} : { hint: "Octet needs 20.19 or newer" }),
    },
    { name: "CPU", status: "ok", detail: `${host.cpuModel}, ${host.cpuCores} cores` },
    {
      name: "memory",
      status: host.memoryBytes < LEAST_MEMORY ? "warn" : "ok",
      detail: bytes(host.memoryBytes),
      ...(host.memoryBytes < LEAST_MEMORY ? { hint: "Postgres, the web server and a worker together want 2 GB" } : {}),
    },
    ...(host.gpus.length === 0
      ? [{ name: "GPU", status: "absent" as const, detail: "no NVIDIA driver answers" }]
      : host.gpus.map((gpu, index) => ({
          name: `GPU ${index}`,
          status: "ok" as const,
          detail: `${gpu.name}, ${bytes(gpu.memoryBytes)}, driver ${gpu.driver}`,
        }))),
    ...(host.versions.tensorrt ? [tensorRt(host.versions.tensorrt)] : []),
    ...host.providers.map((provider) => available("provider", provider)),
    ...host.decoders.map((decoder) => available("decoder", decoder)),
  ];
}

/** Engines are kept by its version; without the library the provider tensorrt cannot be. */
const tensorRt = (version: string): Check =>
  version === "not found"
    ? { name: "TensorRT", status: "absent", detail: "libnvinfer is not in the loader's folders (docs/gpu.md)" }
    : { name: "TensorRT", status: "ok", detail: `libnvinfer ${version}; a worker keeps its engines in OCTET_HOME/engines` };
