import { AppError } from "@octet/shared/errors";
import type { Fleet } from "@octet/shared/planning/fleet";
import { measuredOn } from "@octet/shared/planning/fleet-report";
import { THIS_HOST } from "@octet/shared/planning/gpu-catalogue";
import type { CommandContext } from "../context.ts";
import { openServer, type PlaceOptions } from "../place/open-place.ts";
import { readFleet } from "../server/fleet.ts";
import { pickNamed } from "../server/pick-named.ts";

/**
 * A worker of the server: its GPU, and all that was measured on it.
 * @throws AppError NOT_FOUND, BAD_INPUT without a server, or of a host that is known by measurement only where that is missing
 */
export async function measuredHost(
  context: CommandContext,
  worker: string,
  options: PlaceOptions & { inferenceRate?: number; decodeRate?: number },
): Promise<{ gpu: string; fleet: Fleet }> {
  const { api } = await openServer(context, options, "Planning by what a worker measured");
  const report = await readFleet(api);
  const host = pickNamed(report.hosts, worker, "worker", "octet workers list");
  const fleet = measuredOn(host, report);
  // A card of the catalogue is planned for without them.
  if (host.gpu === THIS_HOST && !options.inferenceRate && fleet.inference.length === 0)
    throw new AppError("BAD_INPUT", `What ${host.name} infers was not measured: its sessions have too little to do to tell`, {
      hint: "Benchmark a profile on it with `octet benchmark`, or give --inference-rate.",
    });
  if (host.gpu === THIS_HOST && !options.decodeRate && fleet.decode.length === 0)
    throw new AppError("BAD_INPUT", `What ${host.name} decodes was not measured: it has no cameras to decode now`, {
      hint: "Plan while cameras run on it, or give --decode-rate.",
    });
  return { gpu: host.gpu, fleet };
}
