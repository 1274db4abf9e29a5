import type { DatasetKind } from "@octet/shared/domain/dataset";
import { AppError } from "@octet/shared/errors";
import type { OctetApi } from "../server/api.ts";
import { listDatasets } from "../server/datasets.ts";

/** Into which data set of a server a new version goes: the one of that name, or a new one. @throws AppError CONFLICT where it is of the other kind */
export async function targetNamed(
  api: OctetApi,
  name: string,
  kind: DatasetKind,
): Promise<{ id: string } | { name: string; kind: DatasetKind }> {
  const known = (await listDatasets(api)).find((dataset) => dataset.name === name.trim());
  if (!known) return { name, kind };
  if (known.kind !== kind)
    throw new AppError("CONFLICT", `"${known.name}" is a ${known.kind} set`, { hint: "Choose another name, or the same --kind." });
  return { id: known.id };
}
