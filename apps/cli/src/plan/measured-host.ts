import type { Fleet } from "@octet/shared/planning/fleet";
import { measuredOn } from "@octet/shared/planning/fleet-report";
import type { FrameSize } from "@octet/shared/planning/frame-size";
import type { Codec } from "@octet/shared/planning/nvdec";
import type { CommandContext } from "../context.ts";
import { openServer, type PlaceOptions } from "../place/open-place.ts";
import { readFleet } from "../server/fleet.ts";
import { pickNamed } from "../server/pick-named.ts";

/** A worker of the server: its GPU, and all that was measured on it. @throws AppError BAD_INPUT without a server, NOT_FOUND */
export async function measuredHost(
  context: CommandContext,
  worker: string,
  decodes: { codec: Codec; size: FrameSize },
  options: PlaceOptions,
): Promise<{ gpu: string; fleet: Fleet }> {
  const { api } = await openServer(context, options, "Planning by what a worker measured");
  const report = await readFleet(api);
  const host = pickNamed(report.hosts, worker, "worker", "octet workers list");
  return { gpu: host.gpu, fleet: measuredOn(host, report, decodes) };
}
