import { copyFileSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { writeTestClip } from "@octet/demo/test-clip";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { clipSource } from "./clip-source.ts";
import { scaleClip } from "./scale-clip.ts";

let folder: string;
let media: string;
let cache: string;
let said: string[];

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "octet-clip-source-"));
  await writeTestClip(path.join(folder, "4x3.mp4"), 1);
  await scaleClip(path.join(folder, "4x3.mp4"), path.join(folder, "wide.mp4"), { width: 320, height: 180 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  media = mkdtempSync(path.join(folder, "media-"));
  cache = path.join(media, "cache");
  said = [];
});

const give = (from: string, to: string): void => copyFileSync(path.join(folder, from), path.join(media, to));
const take = (size: { width: number; height: number } | null) =>
  clipSource({ mediaRoot: media, size, cache, log: (line) => said.push(line) });

describe("clipSource", () => {
  it("takes the first clip as it is where no size is asked for", async () => {
    give("wide.mp4", "b.mp4");
    give("4x3.mp4", "a.mp4");
    writeFileSync(path.join(media, "a.txt"), "notes");
    expect(await take(null)).toEqual({
      folder: media,
      file: "a.mp4",
      clip: { width: 320, height: 240, codec: "h264", fps: 25, scaledFrom: null },
    });
    expect(readdirSync(media)).not.toContain("cache");
  });

  it("takes the clip of the size that is asked for", async () => {
    give("4x3.mp4", "a.mp4");
    give("wide.mp4", "b.mp4");
    expect(await take({ width: 320, height: 180 })).toMatchObject({ file: "b.mp4", clip: { height: 180, scaledFrom: null } });
    expect(said).toEqual([]);
  });

  it("scales the clip of the nearest shape once, and again when that clip has changed", async () => {
    give("4x3.mp4", "a.mp4");
    give("wide.mp4", "b.mp4");
    const first = await take({ width: 161, height: 90 });
    expect(first).toMatchObject({ folder: cache, clip: { width: 160, height: 90, scaledFrom: { width: 320, height: 180 } } });
    expect(said).toEqual(["no clip of the media folder is 160×90: b.mp4 (320×180) is scaled to it"]);
    const made = statSync(path.join(cache, first.file));
    expect(await take({ width: 161, height: 90 })).toEqual(first);
    expect(statSync(path.join(cache, first.file)).mtimeMs).toBe(made.mtimeMs);
    expect(said).toHaveLength(1);
    utimesSync(path.join(media, "b.mp4"), 1000, 1000);
    expect((await take({ width: 161, height: 90 })).file).not.toBe(first.file);
    expect(readdirSync(cache)).toHaveLength(2);
  });

  it("passes over what is no video, unless there is nothing else", async () => {
    writeFileSync(path.join(media, "a.mp4"), "no video");
    await expect(take({ width: 160, height: 90 })).rejects.toMatchObject({ code: expect.stringMatching(/^CAMERA_/) });
    give("4x3.mp4", "b.mp4");
    expect((await take(null)).file).toBe("b.mp4");
    expect((await take({ width: 80, height: 60 })).clip).toMatchObject({ width: 80, height: 60 });
  });

  it("says where there is no clip at all", async () => {
    await expect(take(null)).rejects.toMatchObject({ code: "UNSUPPORTED" });
    media = path.join(media, "missing");
    await expect(take({ width: 160, height: 90 })).rejects.toMatchObject({ code: "UNSUPPORTED" });
  });
});
