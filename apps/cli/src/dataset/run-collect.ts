import type { GrabSource } from "@octet/precision/workspace/grab-frames";
import { AppError } from "@octet/shared/errors";
import { usableCores } from "@octet/shared/host-limits";
import type { CommandContext } from "../context.ts";
import { followJob } from "../jobs/follow-job.ts";
import { runJob } from "../jobs/run-job.ts";
import { startJobProgress } from "../output/job-progress.ts";
import { exitCodes } from "../output/output.ts";
import { type Place, placeText, type ServerPlace, type WorkspacePlace, whereOf } from "../place/place.ts";
import { listCameras, pickCamera } from "../server/cameras.ts";
import { begunCollectionSchema } from "../server/datasets.ts";
import { targetNamed } from "./dataset-target.ts";
import { documentOfVersion } from "./local-document.ts";
import { madeText, madeVersion } from "./made-version.ts";

export interface CollectOptions {
  spreadLight?: boolean;
  name: string;
  camera?: string[];
  url?: string[];
  every: number;
  for: number;
  max: number;
  faces: "any" | "with" | "without";
  minDistance: number;
  transport: "tcp" | "udp";
  model: string;
  wait: boolean;
}

const MAX_THREADS = 4;

/** `octet dataset collect`, once its options are read. */
export async function runCollect(context: CommandContext, place: Place, options: CollectOptions): Promise<number> {
  const bad = (message: string, hint: string): never => {
    throw new AppError("BAD_INPUT", message, { hint });
  };
  if (place.kind === "server") {
    if (options.url) bad("--url is for a workspace: a server collects from its cameras", "Add --local, or give --camera.");
    if (!options.camera) bad("Which cameras?", "Give --camera NAME, once for each.");
    return collectOnServer(context, place, options);
  }
  if (options.camera) bad("--camera needs a server: a workspace has no cameras", "Give --url URL, or the path of a video.");
  if (!options.url) bad("From where?", "Give --url URL, or the path of a video; once for each.");
  return collectHere(context, place, options);
}

async function collectOnServer(context: CommandContext, place: ServerPlace, options: CollectOptions): Promise<number> {
  const cameras = await listCameras(place.api);
  const { datasetId, jobIds } = await place.api.mutate(
    "datasets.collect",
    {
      into: await targetNamed(place.api, options.name, "calibration"),
      cameraIds: options.camera!.map((name) => pickCamera(cameras, name).id),
      everySeconds: options.every,
      forSeconds: options.for,
      maxImages: options.max,
      faces: options.faces,
      spread: options.spreadLight ? "light" : "none",
      minHashDistance: options.minDistance,
    },
    begunCollectionSchema,
  );
  const [jobId, ...others] = jobIds;
  let failed = false;
  // They run at the same time as the first one, each on a worker of its own.
  for (const other of options.wait ? others : []) {
    const job = await followJob({ api: place.api, jobId: other, output: context.output, showLog: false });
    if (job === null || job.state === "done") continue;
    failed = true;
    context.output.note(`FAILED ${job.title}: ${job.error?.message ?? job.state}`);
  }
  const code = await runJob(context, place, {
    jobId: jobId!,
    wait: options.wait,
    document: { datasetId, ...(others.length > 0 ? { jobIds } : {}) },
    done: (job) => madeVersion(place, datasetId, job),
  });
  return failed ? exitCodes.checkFailed : code;
}

async function collectHere({ output, env }: CommandContext, place: WorkspacePlace, options: CollectOptions): Promise<number> {
  const { collectLocalFrames } = await import("@octet/precision/workspace/collect-local-frames");
  const sources = await sourcesOf(options.url!, options.transport, env().OCTET_HOME);
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once("SIGINT", interrupt);
  const view = startJobProgress(`Collect ${options.name}`, output);
  const startedAt = performance.now();
  const { version, seen, duplicates } = await collectLocalFrames({
    workspace: place.folder,
    dataset: options.name,
    sources,
    model: options.model,
    threads: Math.min(MAX_THREADS, usableCores()),
    everySeconds: options.every,
    forSeconds: options.for,
    maxImages: options.max,
    faces: options.faces,
    spread: options.spreadLight ? "light" : "none",
    minHashDistance: options.minDistance,
    signal: stop.signal,
    onProgress: (share, kept) => {
      const seconds = (performance.now() - startedAt) / 1000;
      view.update({
        percent: 100 * Math.min(1, share),
        stage: `collecting: ${kept} images`,
        ratePerSecond: kept / Math.max(1, seconds),
        secondsLeft: share > 0.01 ? seconds / share - seconds : null,
      });
    },
    log: (line) => view.say(line),
  }).finally(() => {
    view.finish();
    process.off("SIGINT", interrupt);
  });
  if (stop.signal.aborted) output.note("interrupted: what was found until then is kept");
  const made = { dataset: version.dataset, version: documentOfVersion(version), seen, duplicates, warnings: [] };
  output.result({ ...whereOf(place), ...made, interrupted: stop.signal.aborted }, () =>
    madeText(placeText(place), {
      ref: `${version.dataset}@${version.version}`,
      images: made.version.imageCount,
      labels: 0,
      duplicates,
      warnings: [],
    }),
  );
  return exitCodes.done;
}

/** Each with a name of its own, which begins its images' paths. */
async function sourcesOf(texts: readonly string[], transport: "tcp" | "udp", home: string): Promise<GrabSource[]> {
  const { redactUrl } = await import("@octet/media/redact-url");
  const { findSource } = await import("../detect/source.ts");
  const sources: GrabSource[] = [];
  for (const text of texts) {
    const source = await findSource(text, home);
    if (source.kind === "image")
      throw new AppError("BAD_INPUT", `${text} is a picture`, {
        hint: "Frames are of streams and videos; for pictures, see `octet dataset import`.",
      });
    const id = nameOf(text, new Set(sources.map((one) => one.id)));
    const { url, mediaRoot, endless } = source;
    sources.push({ id, url, mediaRoot, shown: redactUrl(text), clip: !endless, transport });
  }
  return sources;
}

/** Of the host and path of a URL, or a file's name. */
function nameOf(text: string, taken: ReadonlySet<string>): string {
  const plain =
    text
      .replace(/^[a-z][a-z0-9+.-]+:(\/\/)?([^/@]*@)?/i, "")
      .replace(/[?#].*$/, "")
      .split(/[\\/]/)
      .slice(-2)
      .join("-")
      .replace(/\.[a-z0-9]{2,4}$/i, "")
      .replaceAll(/[^\w-]+/g, "-")
      .replaceAll(/^-+|-+$/g, "")
      .slice(-60) || "stream";
  if (!taken.has(plain)) return plain;
  let number = 2;
  while (taken.has(`${plain}-${number}`)) number++;
  return `${plain}-${number}`;
}
