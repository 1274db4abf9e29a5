import { AppError } from "@octet/shared/errors";
import type { CameraKind } from "@octet/shared/planning/camera-kind";
import type { CommandContext } from "../context.ts";
import { count } from "../output/units.ts";
import { openServer, type PlaceOptions } from "../place/open-place.ts";
import { readFleet } from "../server/fleet.ts";

/** The server's cameras by what they send now, the most first. @throws AppError BAD_INPUT without a server, or where none sends */
export async function serverCameras(context: CommandContext, options: PlaceOptions): Promise<[CameraKind, ...CameraKind[]]> {
  const { api } = await openServer(context, options, "--site-cameras");
  const { kinds, left } = (await readFleet(api)).cameras;
  const [first, ...others] = kinds;
  if (!first)
    throw new AppError("BAD_INPUT", "No camera of the server says what it sends", {
      hint: "See `octet cameras list`. Plan while they are online, or give --streams, --codec, --resolution and --fps.",
    });
  if (left > 0) context.output.note(`${count(left, "camera")} left out: what they send is not known, or rarer than a plan takes.`);
  return [first, ...others];
}
