import { labelSchema } from "@octet/shared/domain/placement";
import type { HostReport } from "@octet/shared/domain/worker";
import { gpuByDriverName } from "@octet/shared/planning/gpu-catalogue";
import type { Env } from "../env.ts";

/** What cameras may ask for: what the operator named, and what this host is (`gpu`, `gpu=l4`, `provider=cpu`, `arch=x64`, `host=name`). */
export function workerLabels(
  { hostname, arch, gpus }: Pick<HostReport, "hostname" | "arch" | "gpus">,
  env: Pick<Env, "OCTET_LABELS" | "OCTET_PROVIDER">,
): string[] {
  const kinds = gpus.map(({ name }) => gpuByDriverName(name)?.id ?? name.toLowerCase().replace(/[^a-z0-9]+/g, "-"));
  const own = [
    ...(gpus.length > 0 ? ["gpu"] : []),
    ...kinds.map((kind) => `gpu=${kind}`),
    `provider=${env.OCTET_PROVIDER}`,
    `arch=${arch}`,
    `host=${hostname}`,
  ];
  // A host's name may hold what a label may not.
  return [...new Set([...env.OCTET_LABELS, ...own])].filter((label) => labelSchema.safeParse(label).success);
}
