import {
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { hashDistance } from "@octet/shared/domain/coverage";
import { datasetManifestSchema } from "@octet/shared/domain/dataset";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ZipFile } from "yazl";
import { imageFacts } from "./image-facts.ts";
import { importDataset } from "./import-dataset.ts";
import { unpackArchive } from "./unpack-archive.ts";

let folder = "";
beforeEach(() => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), "octet-import-")));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A picture of blocks that differ with the seed; `brightness` shifts all of it. */
async function picture(
  seed: number,
  options: { width?: number; height?: number; quality?: number; brightness?: number } = {},
): Promise<Buffer> {
  const { width = 160, height = 120, quality = 90, brightness = 0 } = options;
  const blocks = Buffer.from(
    Array.from({ length: 9 * 8 }, (_, at) => Math.min(255, 40 + ((at * 7919 + seed * 104729) % 150) + brightness)),
  );
  return sharp(blocks, { raw: { width: 9, height: 8, channels: 1 } })
    .resize(width, height, { kernel: "cubic" })
    .jpeg({ quality })
    .toBuffer();
}

function write(name: string, data: Buffer | string): void {
  const file = path.join(folder, "in", ...name.split("/"));
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, data);
}

async function zip(entries: Record<string, Buffer | string>): Promise<string> {
  const file = path.join(folder, "a.zip");
  const archive = new ZipFile();
  for (const [name, data] of Object.entries(entries)) archive.addBuffer(Buffer.from(data), name, { mtime: new Date(0) });
  archive.end();
  await pipeline(archive.outputStream, createWriteStream(file));
  return file;
}

describe("imageFacts", () => {
  it("tells size and light, and hashes alike what looks alike", async () => {
    const [plain, other] = [await imageFacts(await picture(1)), await imageFacts(await picture(2))];
    const again = await imageFacts(await picture(1, { width: 320, height: 240, quality: 40, brightness: 30 }));
    expect(plain).toMatchObject({ width: 160, height: 120 });
    expect(again.brightness).toBeGreaterThan(plain.brightness + 15);
    expect(hashDistance(plain.dhash, again.dhash)).toBeLessThanOrEqual(3);
    expect(hashDistance(plain.dhash, other.dhash)).toBeGreaterThan(10);
  });
});

describe("importDataset", () => {
  it("takes calibration frames, each scene once, and leaves out what cannot be decoded", async () => {
    write("frames/a.jpg", await picture(1));
    write("frames/again.jpg", await picture(1, { quality: 50 }));
    write("frames/b.jpg", await picture(2));
    write("frames/broken.jpg", "not a picture");
    write("frames/notes.txt", "text");
    const { manifest, images, duplicates, warnings } = await importDataset({
      folder: path.join(folder, "in"),
      layout: "images",
      images: null,
      groundTruth: null,
    });
    expect(images.map(({ path: name, faces }) => [name, faces])).toEqual([
      ["images/a.jpg", null],
      ["images/b.jpg", null],
    ]);
    expect(duplicates).toBe(1);
    expect(warnings).toEqual([expect.stringContaining("frames/broken.jpg is left out")]);
    expect(datasetManifestSchema.parse(manifest).files.map((file) => file.path)).toEqual(["images/a.jpg", "images/b.jpg"]);
  });

  it("reads YOLO labels with their images", async () => {
    write("set/images/a.jpg", await picture(1));
    write("set/images/b.jpg", await picture(2));
    write("set/labels/a.txt", "0 0.5 0.5 0.2 0.5\n0 0.2 0.2 0.1 0.1\n");
    write("set/labels/b.txt", "");
    const { manifest, images, labels, classes } = await importDataset({
      folder: path.join(folder, "in"),
      layout: "yolo",
      images: null,
      groundTruth: null,
    });
    expect(labels).toBe(2);
    expect(classes).toEqual([{ label: "class 0", count: 2 }]);
    expect(images[0]).toMatchObject({ path: "images/a.jpg", faces: 2 });
    expect(images[0]!.faceSizes[0]).toBeCloseTo(0.5, 5);
    expect(images[0]!.boxes).toEqual([4000, 2500, 2000, 5000, 1500, 1500, 1000, 1000]);
    expect(images[1]).toMatchObject({ faces: 0, boxes: [], boxClasses: [] });
    expect(manifest).toMatchObject({ layout: "yolo", images: "images", groundTruth: "labels" });
    expect(manifest.files.map((file) => file.path)).toEqual(["images/a.jpg", "images/b.jpg", "labels/a.txt", "labels/b.txt"]);
  });

  it("keeps the class names of YOLO labels with them, from wherever they lay", async () => {
    write("set/images/a.jpg", await picture(1));
    write("set/labels/a.txt", "1 0.5 0.5 0.2 0.5\n1 0.2 0.5 0.2 0.5\n0 0.5 0.5 0.2 0.5\n");
    write("set/data.yaml", "names: [car, face]\n");
    const { manifest, sources, classes, images } = await importDataset({
      folder: path.join(folder, "in"),
      layout: "yolo",
      images: null,
      groundTruth: null,
    });
    expect(manifest.files.map((file) => file.path)).toEqual(["images/a.jpg", "labels/a.txt", "labels/data.yaml"]);
    expect(sources.get("labels/data.yaml")).toBe("set/data.yaml");
    expect(classes).toEqual([
      { label: "face", count: 2 },
      { label: "car", count: 1 },
    ]);
    // Places in that list, not numbers of the labels.
    expect(images[0]!.boxClasses).toEqual([0, 0, 1]);
  });

  it.each<[string, Record<string, string>, "images" | "yolo", string]>([
    ["a set without labels", { "images/a.jpg": "x" }, "yolo", "DATASET_INVALID"],
    ["a set without images", { "readme.txt": "x" }, "images", "CALIBRATION_EMPTY"],
    ["images none of which can be decoded", { "a.jpg": "x", "b.png": "" }, "images", "DATASET_INVALID"],
  ])("refuses %s", async (_, files, layout, code) => {
    for (const [name, data] of Object.entries(files)) write(name, data);
    await expect(importDataset({ folder: path.join(folder, "in"), layout, images: null, groundTruth: null })).rejects.toMatchObject({
      code,
    });
  });
});

describe("unpackArchive", () => {
  const out = () => path.join(folder, "out");

  it("unpacks files, and leaves what file managers add", async () => {
    const file = await zip({ "set/images/a.jpg": await picture(1), "__MACOSX/set/._a.jpg": "x", "set/.DS_Store": "x" });
    expect(await unpackArchive(file, out())).toBe(1);
    expect(readdirSync(path.join(out(), "set/images"))).toEqual(["a.jpg"]);
  });

  it("refuses a path that climbs out, before anything is written outside", async () => {
    const file = await zip({ "aa/bb/escape.jpg": "x" });
    const bytes = readFileSync(file);
    for (let at = bytes.indexOf("aa/bb/"); at >= 0; at = bytes.indexOf("aa/bb/", at)) bytes.write("../../", at);
    writeFileSync(file, bytes);
    await expect(unpackArchive(file, path.join(out(), "deep"))).rejects.toMatchObject({ code: "DATASET_INVALID" });
    expect(existsSync(path.join(folder, "escape.jpg"))).toBe(false);
  });

  it("stops a bomb early", async () => {
    const file = await zip({ "a.jpg": Buffer.alloc(64 << 20) });
    await expect(unpackArchive(file, out())).rejects.toMatchObject({
      code: "DATASET_INVALID",
      message: expect.stringContaining("far more"),
    });
    expect(readFileSync(path.join(out(), "a.jpg")).length).toBeLessThan(16 << 20);
  });

  it("counts bytes and files over the whole archive", async () => {
    const file = await zip({ "a.jpg": "1234", "b.jpg": "5678" });
    await expect(unpackArchive(file, out(), { bytes: 6 })).rejects.toMatchObject({ code: "DATASET_INVALID" });
    await expect(unpackArchive(file, path.join(folder, "out2"), { files: 1 })).rejects.toMatchObject({ code: "DATASET_INVALID" });
  });

  it.each<[string, (whole: Buffer) => Buffer]>([
    ["no bytes", () => Buffer.alloc(0)],
    ["text", () => Buffer.from("not an archive")],
    ["a truncated archive", (whole) => whole.subarray(0, whole.length >> 1)],
  ])("refuses %s", async (_, change) => {
    const file = await zip({ "a.jpg": await picture(1) });
    writeFileSync(file, change(readFileSync(file)));
    await expect(unpackArchive(file, out())).rejects.toMatchObject({ code: "DATASET_INVALID" });
  });
});
