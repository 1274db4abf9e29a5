import { execFile } from "node:child_process";
import type { HostReport } from "@octet/shared/domain/worker";

const QUERY = ["--query-gpu=name,memory.total,driver_version", "--format=csv,noheader,nounits"];

/** Reads nvidia-smi's CSV (name, MiB, driver); lines that are something else are left out. */
export function parseNvidiaSmi(csv: string): HostReport["gpus"] {
  return csv.split("\n").flatMap((line) => {
    const [name, mebibytes, driver] = line.split(",").map((cell) => cell.trim());
    const memoryBytes = Number(mebibytes) * 2 ** 20;
    return name && driver && Number.isFinite(memoryBytes) ? [{ name, memoryBytes, driver }] : [];
  });
}

/** NVIDIA GPUs that this host's driver shows; none where there is no driver or it does not answer within 3 s. */
export function findGpus(): Promise<HostReport["gpus"]> {
  return new Promise((resolve) => {
    execFile("nvidia-smi", QUERY, { timeout: 3000 }, (error, stdout) => resolve(error ? [] : parseNvidiaSmi(stdout)));
  });
}
