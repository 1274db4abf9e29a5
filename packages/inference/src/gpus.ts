import { readdir } from "node:fs/promises";
import type { HostReport } from "@octet/shared/domain/worker";
import { AppError } from "@octet/shared/errors";
import { tensorRtVersion } from "./engine-key.ts";
import { libraryFolders } from "./env.ts";
import { querySmi, type SmiRow } from "./nvidia-smi.ts";

type Gpu = HostReport["gpus"][number];

const BASIC = ["name", "memoryTotalBytes", "driver"] as const;
/** Drivers before 2021 do not know the compute capability and then refuse the whole question. */
const FULL = [...BASIC, "index", "uuid", "computeCapability"] as const;

/** A GPU as the host reports it; null where its driver does not tell what it is, or how much memory it has. */
export function reportedGpu(row: SmiRow<(typeof BASIC)[number]> & Partial<SmiRow<(typeof FULL)[number]>>): Gpu | null {
  const { name, memoryTotalBytes, driver, index, uuid, computeCapability } = row;
  if (name === null || driver === null || memoryTotalBytes === null) return null;
  const gpu: Gpu = { name, memoryBytes: memoryTotalBytes, driver };
  if (typeof index === "number") gpu.index = index;
  if (uuid?.startsWith("GPU-")) gpu.uuid = uuid;
  if (computeCapability && /^\d+\.\d+$/.test(computeCapability)) gpu.computeCapability = computeCapability;
  return gpu;
}

/** NVIDIA GPUs that this host's driver shows; none where there is no driver or it does not answer within 3 s. */
export async function findGpus(): Promise<Gpu[]> {
  const full = await querySmi(FULL);
  const rows = full.length > 0 ? full : await querySmi(BASIC);
  return rows.flatMap((row) => reportedGpu(row) ?? []);
}

/** Those of the host's GPUs that are to be used. @param wanted indices; null for all. @throws AppError BAD_INPUT where one is not there */
export function chooseGpus(gpus: readonly Gpu[], wanted: readonly number[] | null): { gpu: Gpu; index: number }[] {
  const all = gpus.map((gpu, at) => ({ gpu, index: gpu.index ?? at }));
  if (wanted === null) return all;
  return wanted.map((index) => {
    const found = all.find((candidate) => candidate.index === index);
    if (!found)
      throw new AppError(
        "BAD_INPUT",
        `OCTET_GPUS names GPU ${index}; this host has ${all.map((each) => each.index).join(", ") || "none"}`,
        {
          hint: "nvidia-smi -L lists them.",
        },
      );
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
