import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runOctet, runOctetHere } from "./testing/run-octet.ts";

const photo = join(dirname(createRequire(import.meta.url).resolve("@vladmandic/face-api/package.json")), "demo/sample5.jpg");
/** Where the five people's faces are, as seen by eye: centres as fractions of the picture, from left to right. */
const faces = [
  [0.24, 0.73],
  [0.36, 0.4],
  [0.45, 0.15],
  [0.61, 0.21],
  [0.78, 0.38],
] as const;

interface Report {
  model: { name: string; licence: { name: string; note: string } };
  frames: {
    width: number;
    height: number;
    ptsMs: number;
    detections: {
      score: number;
      box: { x: number; y: number; w: number; h: number };
      pixels: { x: number; w: number };
      trackId: number | null;
    }[];
  }[];
  totals: { frames: number; tracks: number };
  error: { code: string };
}

function expectTheFaces(detections: Report["frames"][number]["detections"]): void {
  const centres = detections.map(({ box }) => [box.x + box.w / 2, box.y + box.h / 2]).sort((a, b) => a[0]! - b[0]!);
  expect(centres).toHaveLength(faces.length);
  for (const [index, [x, y]] of faces.entries()) {
    expect(Math.abs(centres[index]![0]! - x)).toBeLessThan(0.03);
    expect(Math.abs(centres[index]![1]! - y)).toBeLessThan(0.03);
  }
}

describe("octet detect", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "octet-cli-"));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const detect = (...args: string[]) => runOctetHere(["detect", ...args], { cwd: folder });
  const report = (ran: Awaited<ReturnType<typeof detect>>) => ran.json() as unknown as Report;

  it("finds the faces of a photo, from any folder, and draws them", async () => {
    const ran = await runOctet(["detect", "default", photo, "--json", "--out", "boxes.png"], { cwd: folder });
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    const { model, frames } = report(ran);
    expect(model).toMatchObject({
      name: "mnet.25_v2",
      licence: { name: "MIT", note: expect.stringContaining("does not say where its weights come from") },
    });
    expect(frames[0]).toMatchObject({ width: 1920, height: 1398, ptsMs: 0 });
    expectTheFaces(frames[0]!.detections);
    for (const { score, box, pixels, trackId } of frames[0]!.detections) {
      expect(score).toBeGreaterThan(0.9);
      expect(pixels.x / 1920).toBeCloseTo(box.x, 3);
      expect(trackId).toBeNull();
    }
    expect(await sharp(join(folder, "boxes.png")).metadata()).toMatchObject({ format: "png", width: 1920, height: 1398 });
  });

  it("turns a photo upright first", async () => {
    await sharp(photo).resize(960).rotate(-90).withMetadata({ orientation: 6 }).jpeg().toFile(join(folder, "turned.jpg"));
    const { frames } = report(await detect("default", "turned.jpg", "--json"));
    expect(frames[0]).toMatchObject({ width: 960, height: 699 });
    expectTheFaces(frames[0]!.detections);
  });

  it("follows faces through a video and stops where told", async () => {
    const ran = await detect("default", "synthetic:faces?size=640x360&fps=25&seed=1", "--frames", "6", "--fps", "5", "--json");
    expect(ran.code).toBe(0);
    const { frames, totals } = report(ran);
    expect(totals.frames).toBe(6);
    expect(frames.map(({ ptsMs }) => Math.round(ptsMs / 100))).toEqual([0, 2, 4, 6, 8, 10]);
    expect(totals.tracks).toBeGreaterThan(0);
    expect(frames[5]!.detections.some(({ trackId }) => trackId === 1)).toBe(true);
  });

  it("ends at Ctrl-C with what it has, summary last", async () => {
    const args = ["detect", "default", "synthetic:faces?size=640x360&fps=25&seed=1", "--frames", "100000", "--fps", "25"];
    const ran = await runOctet(args, { cwd: folder, interruptAfter: / s {2}\d+ faces?.*\n.* s {2}\d+ face/ });
    expect(ran).toMatchObject({ code: 0, stderr: expect.stringContaining("interrupted") });
    const lines = ran.stdout.trimEnd().split("\n");
    const shown = lines.filter((line) => /^ +\d+\.\d+ s /.test(line)).length;
    expect(lines.at(-1)).toMatch(new RegExp(`^${shown} frames, `));
  });

  it.each<[string, string[], string]>([
    ["a missing picture", ["default", "none.jpg"], "BAD_INPUT"],
    ["a missing model", ["none.onnx", photo], "MODEL_NOT_FOUND"],
    ["a picture as model", [photo, photo], "MODEL_INVALID"],
    ["a text as video", ["default", "text.mp4"], "CAMERA_NOT_VIDEO"],
    ["an option out of range", ["default", photo, "--confidence", "2"], "BAD_INPUT"],
    ["a missing argument", ["default"], "BAD_INPUT"],
  ])("refuses %s with exit 2 and one document", async (_, args, code) => {
    await writeFile(join(folder, "text.mp4"), "this is no video\n".repeat(100));
    const ran = await detect(...args, "--json");
    expect(ran.code).toBe(2);
    expect(report(ran).error.code).toBe(code);
  });
});
