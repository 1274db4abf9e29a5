import { redactUrl } from "@octet/media/redact-url";
import { Detector } from "@octet/precision/detect/detector";
import { usableCores } from "@octet/shared/host-limits";
import type { CommandContext } from "../context.ts";
import { exitCodes } from "../output/output.ts";
import { table } from "../output/table.ts";
import { bytes, count } from "../output/units.ts";
import { writeAnnotated } from "./annotate.ts";
import { detectImage } from "./detect-image.ts";
import { detectVideo } from "./detect-video.ts";
import type { DetectedFrame } from "./detected-frame.ts";
import { LIVE_FRAMES } from "./live-frames.ts";
import { PictureWriter } from "./picture-writer.ts";
import type { ProviderName } from "./provider-names.ts";
import { foundText, frameLine, frameReport, summary, timingsLine } from "./report.ts";
import { findSource, type Source } from "./source.ts";

export interface DetectCommandOptions {
  out?: string;
  confidence: number;
  frames?: number;
  fps: number;
  transport: "tcp" | "udp";
  provider: ProviderName;
  threads?: number;
}

const MAX_THREADS = 4;

const licenceLine = ({ info }: Detector) => `licence ${info.licence.name} (${info.licence.origin}). ${info.licence.note}`;
const modelLine = ({ info }: Detector) =>
  `${info.name}: ${info.family}, ${info.inputWidth}×${info.inputHeight}, ${info.precision}, ${bytes(info.sizeBytes)}`;

/** `octet detect`, once its options are read. */
export async function runDetect(
  { output, env }: CommandContext,
  model: string,
  sourceText: string,
  options: DetectCommandOptions,
): Promise<number> {
  const source = await findSource(sourceText, env().OCTET_HOME);
  const threads = options.threads ?? (source.kind === "image" ? 1 : Math.min(MAX_THREADS, usableCores()));
  await using detector = await Detector.load({ model, threads, provider: options.provider });
  output.line(`${modelLine(detector)}\n${licenceLine(detector)}\n`);
  const started = performance.now();
  const { frames, written, incomplete, interrupted } =
    source.kind === "image"
      ? await overImage(detector, source, options)
      : await overVideo(detector, source, options, (frame) => output.line(frameLine(frame)));
  const totals = summary(frames, (performance.now() - started) / 1000);
  if (source.kind === "image") output.line(imageTable(frames[0]!, sourceText));
  output.line(
    `\n${source.kind === "image" ? "" : `${count(totals.frames, "frame")}, ${count(totals.tracks, "track")} in ${totals.seconds.toFixed(1)} s. Median a frame: `}${timingsLine(totals)}`,
  );
  for (const file of written) output.line(`wrote ${file}`);
  if (interrupted) output.note("interrupted: what was found until then");
  if (incomplete) output.note(`incomplete ${incomplete.code}: ${incomplete.message}`);
  output.result(
    {
      source: { kind: source.kind, input: redactUrl(sourceText) },
      model: { ...detector.info, path: detector.path, loadMs: detector.pool.loadMs },
      options: {
        confidence: options.confidence,
        provider: options.provider,
        threads,
        ...(source.kind === "video" ? { fps: options.fps } : {}),
      },
      frames: frames.map(frameReport),
      totals,
      written,
      incomplete,
      interrupted,
    },
    null,
  );
  return incomplete ? exitCodes.checkFailed : exitCodes.done;
}

async function overImage(detector: Detector, { path }: Extract<Source, { kind: "image" }>, { confidence, out }: DetectCommandOptions) {
  const frame = await detectImage(detector, path, { confidence });
  if (out) await writeAnnotated(path, frame.detections, out);
  return { frames: [frame], written: out ? [out] : [], incomplete: null, interrupted: false };
}

async function overVideo(
  detector: Detector,
  source: Extract<Source, { kind: "video" }>,
  options: DetectCommandOptions,
  onFrame: (frame: DetectedFrame) => void,
) {
  const { out, confidence, fps, transport } = options;
  const frames: DetectedFrame[] = [];
  const writer = out ? new PictureWriter(out) : null;
  const abort = new AbortController();
  const interrupt = () => abort.abort();
  process.once("SIGINT", interrupt);
  try {
    const incomplete = await detectVideo(
      detector,
      {
        url: source.url,
        mediaRoot: source.mediaRoot,
        transport,
        fps,
        frames: options.frames ?? (source.endless ? LIVE_FRAMES : Infinity),
        confidence,
        pictures: writer !== null,
        signal: abort.signal,
      },
      async (frame, picture) => {
        frames.push(frame);
        onFrame(frame);
        if (writer && picture) await writer.add(frame, picture);
      },
    );
    await writer?.finish();
    return { frames, written: writer?.written ?? [], incomplete, interrupted: abort.signal.aborted };
  } finally {
    process.off("SIGINT", interrupt);
  }
}

function imageTable(frame: DetectedFrame, name: string): string {
  const { width, height, detections } = frame;
  const pixels = (title: string, of: (box: DetectedFrame["detections"][number]["box"]) => number) => ({
    title,
    of: ({ box }: DetectedFrame["detections"][number]) => of(box).toFixed(0),
    align: "right" as const,
  });
  const severalClasses = new Set(detections.map(({ label }) => label)).size > 1;
  const rows = table(
    detections,
    [
      ...(severalClasses ? [{ title: "CLASS", of: ({ label }: (typeof detections)[number]) => label }] : []),
      { title: "SCORE", of: ({ score }) => score.toFixed(3), align: "right" },
      pixels("X", (box) => box.x * width),
      pixels("Y", (box) => box.y * height),
      pixels("W", (box) => box.w * width),
      pixels("H", (box) => box.h * height),
    ],
    "",
  );
  return `${name}, ${width}×${height}: ${foundText(detections)}${rows ? `\n${rows}` : ""}`;
}
