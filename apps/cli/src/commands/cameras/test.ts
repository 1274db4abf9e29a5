import { writeFile } from "node:fs/promises";
import { cameraUrlSchema, streamProbeSchema } from "@octet/shared/domain/camera";
import { AppError } from "@octet/shared/errors";
import { type Command, Option } from "commander";
import { z } from "zod";
import type { CommandContext } from "../../context.ts";
import { exitCodes } from "../../output/output.ts";
import { milliseconds } from "../../output/units.ts";
import type { OctetApi } from "../../server/api.ts";
import { findCamera } from "../../server/cameras.ts";
import { openApi } from "../../server/open-api.ts";

const answerSchema = z.object({ ok: z.literal(true), probe: streamProbeSchema.extend({ snapshot: z.string().nullable() }) });
type Probe = z.infer<typeof answerSchema>["probe"];

interface Options {
  transport?: "tcp" | "udp";
  snapshot?: string;
}

/** `octet cameras test CAMERA|URL`: a worker opens it now. A camera that does not answer is a failed check: exit 1. */
export function addCamerasTest(cameras: Command, context: CommandContext): void {
  cameras
    .command("test")
    .description("Have a worker open a camera now, and say what it gives")
    .argument("<camera>", "its name or id, or a URL that is not a camera yet")
    .option("--json", "one JSON document on stdout")
    .addOption(new Option("--transport <kind>", "of RTSP; the camera's own unless given").choices(["tcp", "udp"]))
    .option("--snapshot <file>", "write one frame as JPEG")
    .action(context.action((target: string, options: Options) => test(context, target, options)));
}

async function test(context: CommandContext, target: string, options: Options): Promise<number> {
  const { output } = context;
  const api = await openApi(context);
  const input = await targetOf(api, target, options.transport);
  let probe: Probe;
  try {
    ({ probe } = await api.mutate("cameras.test", input, answerSchema));
  } catch (error) {
    const failure = AppError.from(error);
    if (!failure.code.startsWith("CAMERA_")) throw failure;
    output.result(
      { ok: false, error: failure.toInfo() },
      () => `FAILED ${failure.code}: ${failure.message}${failure.hint ? `\n${failure.hint}` : ""}`,
    );
    return exitCodes.checkFailed;
  }
  if (options.snapshot && probe.snapshot) await writeFile(options.snapshot, Buffer.from(probe.snapshot, "base64"));
  const { snapshot, ...facts } = probe;
  output.result({ ok: true, probe: { ...facts, snapshotBytes: snapshot ? Buffer.byteLength(snapshot, "base64") : null } }, () =>
    describe(facts),
  );
  return exitCodes.done;
}

async function targetOf(api: OctetApi, target: string, transport: "tcp" | "udp" | undefined) {
  const url = cameraUrlSchema.safeParse(target);
  if (url.success) return { url: url.data, transport: transport ?? "tcp" };
  const camera = await findCamera(api, target);
  return { url: camera.url, transport: transport ?? camera.transport, cameraId: camera.id };
}

function describe({ codec, width, height, fps, gop, bitrateKbps, hasAudio, openMs }: Omit<Probe, "snapshot">): string {
  const facts = [
    `${codec} ${width}×${height} at ${fps.toFixed(1)} frames a second`,
    gop === null ? null : `a key frame every ${gop} frames`,
    bitrateKbps === null ? null : `${bitrateKbps.toFixed(0)} kbit/s`,
    hasAudio ? "with sound" : null,
    `opened in ${milliseconds(openMs)}`,
  ];
  return `OK: ${facts.filter((fact) => fact !== null).join(", ")}`;
}
