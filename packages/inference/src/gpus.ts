import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import type { HostReport } from "@octet/shared/domain/worker";
import { tensorRtVersion } from "./engine-key.ts";
import { libraryFolders } from "./env.ts";

type Gpu = HostReport["gpus"][number];

const FORMAT = "--format=csv,noheader,nounits";
const BASIC = "name,memory.total,driver_version";
/** Drivers before 2021 do not know `compute_cap` and then refuse the whole question. */
const FULL = `${BASIC},index,uuid,compute_cap`;

/** Reads nvidia-smi's CSV (name, MiB, driver, and maybe index, UUID, compute capability); lines that are something else are left out. */
export function parseNvidiaSmi(csv: string): Gpu[] {
  return csv.split("\n").flatMap((line) => {
    const [name, mebibytes, driver, index, uuid, capability] = line.split(",").map((cell) => cell.trim());
    const memoryBytes = Number(mebibytes) * 2 ** 20;
    if (!name || !driver || !Number.isFinite(memoryBytes)) return [];
    const gpu: Gpu = { name, memoryBytes, driver };
    if (index && /^\d+$/.test(index)) gpu.index = Number(index);
    if (uuid?.startsWith("GPU-")) gpu.uuid = uuid;
    if (capability && /^\d+\.\d+$/.test(capability)) gpu.computeCapability = capability;
    return [gpu];
  });
}

/** NVIDIA GPUs that this host's driver shows; none where there is no driver or it does not answer within 3 s. */
export async function findGpus(): Promise<Gpu[]> {
  return parseNvidiaSmi((await nvidiaSmi([`--query-gpu=${FULL}`, FORMAT])) ?? (await nvidiaSmi([`--query-gpu=${BASIC}`, FORMAT])) ?? "");
}

/** Those of the host's GPUs that are to be used. @param wanted indices; null for all. Throws where one is not there. */
export function chooseGpus(gpus: readonly Gpu[], wanted: readonly number[] | null): { gpu: Gpu; index: number }[] {
  const all = gpus.map((gpu, at) => ({ gpu, index: gpu.index ?? at }));
  if (wanted === null) return all;
  return wanted.map((index) => {
    const found = all.find((candidate) => candidate.index === index);
    if (!found) throw new Error(`OCTET_GPUS names GPU ${index}; this host has ${all.map((each) => each.index).join(", ") || "none"}`);
    return found;
  });
}

const SYSTEM_FOLDERS = [
  "/usr/lib/x86_64-linux-gnu",
  "/usr/lib/aarch64-linux-gnu",
  "/usr/local/lib",
  "/usr/local/tensorrt/lib",
  "/usr/lib64",
];

/** Version of TensorRT's library where the loader would look for it; null where it is not there. */
export async function findTensorRt(): Promise<string | null> {
  for (const folder of [...libraryFolders(), ...SYSTEM_FOLDERS]) {
    const version = tensorRtVersion(await readdir(folder).catch(() => []));
    if (version) return version;
  }
  return null;
}

function nvidiaSmi(args: string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile("nvidia-smi", args, { timeout: 3000 }, (error, stdout) => resolve(error ? null : stdout));
  });
}
