import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { defaultModelPath } from "@octet/inference/builtin-models";
import { linkOrCopy } from "@octet/precision/files/link-or-copy";
import { benchmarkStages } from "@octet/precision/progress/stages";
import type { BenchmarkResult } from "@octet/shared/domain/profile";
import { AppError } from "@octet/shared/errors";
import { usableCores } from "@octet/shared/host-limits";
import type { CommandContext } from "../context.ts";
import type { ProviderName } from "../detect/provider-names.ts";
import { runJob } from "../jobs/run-job.ts";
import { type LocalProgress, localProgress } from "../output/local-progress.ts";
import { exitCodes } from "../output/output.ts";
import { type OnWorkerOptions, onWorkerId } from "../place/on-worker.ts";
import { type Place, placeText, type ServerPlace, whereOf } from "../place/place.ts";
import { benchmarkText } from "../profile/proof-text.ts";
import { begunProofSchema, findProfile, profileById, type ServerProfile } from "../server/profiles.ts";
import { toolName } from "../tool-name.ts";

export interface BenchmarkCommandOptions extends OnWorkerOptions {
  batch: number[];
  seconds: number;
  streams?: number;
  fps: number;
  decode: boolean;
  budget: number;
  soak: number;
  clip?: string;
  against?: string;
  provider?: ProviderName;
  threads?: number;
  wait: boolean;
}

const MAX_THREADS = 8;
const threadsHere = (): number => Math.min(MAX_THREADS, usableCores());

/** Whether a person means a model's file of this host, and not a profile's name. */
export async function isModelFile(text: string): Promise<boolean> {
  if (text === "default" || /\.onnx$/i.test(text)) return true;
  return stat(text).then(
    (info) => info.isFile(),
    () => false,
  );
}

/** Speed of a profile of a place: on a worker of its server, or on this host. */
export async function benchmarkProfile(
  context: CommandContext,
  place: Place,
  name: string,
  options: BenchmarkCommandOptions,
): Promise<number> {
  const { output } = context;
  if (options.against !== undefined)
    throw new AppError("BAD_INPUT", "--against is for a model's file", { hint: "A profile is held against what it would replace." });
  const worker = await onWorkerId(place, options);
  if (place.kind === "server") return onServer(context, place, name, options, worker);
  const { benchmarkLocalProfile } = await import("@octet/precision/workspace/prove-local-profile");
  const profile = await measuring(context, `Benchmark ${name}`, options, (progress, load) =>
    benchmarkLocalProfile({ workspace: place.folder, profile: name, tool: toolName(), ...load, ...progress }),
  );
  const { result } = profile.benchmark!;
  output.result({ ...whereOf(place), profile: profile.name, benchmark: result }, () =>
    [placeText(place), `${profile.name}, ${benchmarkText(result)}`].join("\n\n"),
  );
  return exitCodes.done;
}

/** Speed of a model's file on this host; nothing of it is kept. */
export async function benchmarkFile(context: CommandContext, given: string, options: BenchmarkCommandOptions): Promise<number> {
  if (options.worker !== undefined)
    throw new AppError("BAD_INPUT", "--worker is for a profile on a server: a file is measured on this host", { hint: "Leave it out." });
  const { benchmarkModel } = await import("@octet/precision/bench/benchmark-model");
  const fileOf = (text: string): string => (text === "default" ? defaultModelPath() : path.resolve(text));
  const subject = fileOf(given);
  const result: BenchmarkResult = await measuring(context, `Benchmark ${path.basename(subject)}`, options, (progress, load) =>
    benchmarkModel({
      subject,
      reference: options.against === undefined ? null : fileOf(options.against),
      ...load,
      // A file names no size.
      streams: load.streams && { ...load.streams, decodeSize: null },
      ...progress,
    }),
  );
  context.output.result({ model: subject, benchmark: result }, () => `${path.basename(subject)}, ${benchmarkText(result)}`);
  return exitCodes.done;
}

async function onServer(
  context: CommandContext,
  place: ServerPlace,
  name: string,
  options: BenchmarkCommandOptions,
  worker: string | null,
): Promise<number> {
  const { batch, seconds, streams, fps, decode, budget, soak, clip, provider, threads, wait } = options;
  if (clip !== undefined)
    throw new AppError("BAD_INPUT", "--clip is for this host: a worker decodes the clips in its own media folder", {
      hint: "Give --decode instead, or --local.",
    });
  if (provider !== undefined || threads !== undefined)
    throw new AppError("BAD_INPUT", "--provider and --threads are for this host: a worker measures as it runs", {
      hint: "Leave them out, or give --local.",
    });
  const { id } = await profileNamed(place, name);
  const { jobId } = await place.api.mutate(
    "profiles.benchmark",
    {
      id,
      onWorkerId: worker,
      batches: batch,
      seconds,
      streams: streams === undefined ? null : { count: streams, fps, decode, budgetMs: budget, soakSeconds: soak },
    },
    begunProofSchema,
  );
  return runJob(context, place, {
    jobId,
    wait,
    document: { profileId: id },
    done: async () => {
      const { name: profile, benchmark } = await profileById(place.api, id);
      return {
        document: { profile, benchmark },
        text: [placeText(place), `${profile}, ${benchmarkText(benchmark!)}`].join("\n\n"),
      };
    },
  });
}

/** A profile by name; a model's name means the profile which is its file. */
async function profileNamed({ api }: ServerPlace, name: string): Promise<ServerProfile> {
  try {
    return await findProfile(api, name);
  } catch (error) {
    const { listModels } = await import("../server/models.ts");
    const model = (await listModels(api)).find((one) => one.name === name);
    const own = model?.profiles.find(({ sha256 }) => sha256 === model.sha256);
    if (own) return profileById(api, own.id);
    throw error;
  }
}

interface Load {
  batches: readonly number[];
  seconds: number;
  streams: { count: number; fps: number; decode: boolean; budgetMs: number; soakSeconds: number } | null;
  provider: ProviderName;
  threads: number;
  mediaThreads: number;
  mediaRoot: string;
  clipCache: string;
  clipAsItIs: boolean;
}

/** Measures on this host, with a bar, and with the one clip that was given in a folder of its own. */
async function measuring<T>(
  { output, env }: CommandContext,
  title: string,
  options: BenchmarkCommandOptions,
  measure: (progress: Pick<LocalProgress, "onProgress"> & { log(line: string): void }, load: Load) => Promise<T>,
): Promise<T> {
  const { batch, seconds, streams, fps, decode, budget, soak, clip, provider = "cpu", threads = threadsHere() } = options;
  if (clip !== undefined && streams === undefined)
    throw new AppError("BAD_INPUT", "--clip is what streams decode", { hint: "Give --streams, such as --streams 70." });
  const own = clip === undefined ? null : await mkdtemp(path.join(tmpdir(), "octet-clip-"));
  const { view, onProgress } = localProgress(title, benchmarkStages, output);
  try {
    if (own) await placeClip(clip!, own);
    return await measure(
      { onProgress, log: view.say },
      {
        batches: batch,
        seconds,
        streams:
          streams === undefined ? null : { count: streams, fps, decode: decode || own !== null, budgetMs: budget, soakSeconds: soak },
        provider,
        threads,
        mediaThreads: threadsHere(),
        mediaRoot: own ?? path.join(env().OCTET_HOME, "media"),
        clipCache: path.join(env().OCTET_HOME, "clips"),
        clipAsItIs: own !== null,
      },
    );
  } finally {
    view.finish();
    if (own) await rm(own, { recursive: true, force: true });
  }
}

async function placeClip(clip: string, folder: string): Promise<void> {
  const info = await stat(clip).catch(() => null);
  if (!info?.isFile())
    throw new AppError("BAD_INPUT", `There is no video ${clip}`, { hint: "Give the path of an MP4, MKV, MOV, TS or WebM file." });
  if (!/\.(mp4|mkv|mov|ts|webm)$/i.test(clip))
    throw new AppError("BAD_INPUT", `${clip} is not named as a video`, { hint: "MP4, MKV, MOV, TS and WebM files are decoded." });
  await mkdir(folder, { recursive: true });
  await linkOrCopy(path.resolve(clip), path.join(folder, `clip${path.extname(clip)}`));
}
