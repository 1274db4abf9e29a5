import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DatasetFormat } from "./dataset.ts";
import { readDataset } from "./read-dataset.ts";

describe("readDataset", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "octet-dataset-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function write(files: Record<string, string>): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await writeFile(path.join(folder, name), text);
    }
  }
  const read = (format: DatasetFormat, groundTruth: string, images = "images") =>
    readDataset({
      format,
      images: path.join(folder, images),
      groundTruth: path.join(folder, groundTruth),
      imageSize: async () => ({ width: 200, height: 100 }),
    });
  const code = (promise: Promise<unknown>) =>
    promise.then(
      () => "accepted",
      (error: { code: string; message: string }) => `${error.code} ${error.message.replaceAll(folder, "")}`,
    );

  it("reads YOLO with class names, and lists an image without labels and labels without an image", async () => {
    await write({
      "images/a.jpg": "",
      "images/sub/b.jpg": "",
      "labels/a.txt": "1 0.5 0.5 0.5 0.5\n",
      "labels/gone.txt": "",
      "classes.txt": "car\nface\n",
    });
    const dataset = await read("yolo", "labels");
    expect(dataset).toMatchObject({ classes: ["car", "face"], total: 3, missing: ["gone.txt"] });
    expect(dataset.images.map(({ id, truth }) => [id, truth.count])).toEqual([
      ["a.jpg", 1],
      ["sub/b.jpg", 0],
    ]);
    expect(Array.from(dataset.images[0]!.truth.boxes)).toEqual([50, 25, 100, 50]);
    expect(dataset.warnings).toEqual([
      {
        file: path.join(folder, "labels/sub/b.txt"),
        line: null,
        message: "sub/b.jpg has no label file: taken as an image without objects",
      },
    ]);
  });

  it.each([
    ["classes.txt beside the labels", { "labels/classes.txt": "car\nface\n", "data.yaml": "names: [a, b]" }],
    ["a list in YAML", { "data.yaml": "path: /somewhere\nnames:\n  - car\n  - face\n" }],
    ["numbers in YAML", { "data.yaml": "names:\n  1: face\n  0: car\n" }],
    ["YAML two folders above, after another", { "../a.yml": "other: 1", "../data.yml": "names: [car, face]" }],
  ])("takes class names from %s", async (_, files) => {
    const inside = Object.fromEntries(Object.entries(files).map(([name, text]) => [path.posix.join("set", name), text]));
    await write({ "set/images/a.jpg": "", "set/labels/a.txt": "1 0.5 0.5 0.5 0.5\n", ...inside });
    expect((await read("yolo", "set/labels", "set/images")).classes).toEqual(["car", "face"]);
  });

  it("names classes that a YAML leaves out by their number, and refuses one whose names are none", async () => {
    await write({ "images/a.jpg": "", "labels/a.txt": "2 0.5 0.5 0.5 0.5\n", "data.yaml": "names: {0: car, 2: 7}" });
    expect((await read("yolo", "labels")).classes).toEqual(["car", "class 1", "7"]);
    for (const text of ["names: car", "names: {face: 0}", "names: []", "names: [[a]]"]) {
      await write({ "data.yaml": text });
      expect(await code(read("yolo", "labels")), text).toContain("DATASET_INVALID /data.yaml: its names are neither");
    }
    await write({ "data.yaml": "names: [a" });
    expect(await code(read("yolo", "labels"))).toContain("DATASET_INVALID /data.yaml: it is no YAML");
    // Not looked at where nothing outside the data set may be.
    const within = { format: "yolo" as const, imageSize: async () => ({ width: 200, height: 100 }), within: path.join(folder, "labels") };
    const dataset = await readDataset({ ...within, images: path.join(folder, "images"), groundTruth: path.join(folder, "labels") });
    expect(dataset.classes).toEqual(["class 0", "class 1", "class 2"]);
  });

  it("reads WIDER's text, finds images below an event's folder, and counts what is missing", async () => {
    await write({
      "images/images/0--Parade/a.jpg": "",
      "images/images/1--X/a.jpg": "",
      "gt.txt":
        "0--Parade/a.jpg\n2\n1 2 3 4 0 0 0 0 0 0\n1 2 0 4 0 0 0 0 0 0\n1--X/a.jpg\n1\n1 1 5 5 0 0 0 1 0 0\n2--Y/none.jpg\n0\n0 0 0 0\n",
    });
    const dataset = await read("wider", "gt.txt");
    expect(dataset).toMatchObject({ total: 3, missing: ["2--Y/none.jpg"], classes: ["face"] });
    expect(dataset.images.map(({ id, truth }) => [id, Array.from(truth.ignore)])).toEqual([
      ["images/0--Parade/a.jpg", [0, 1]],
      ["images/1--X/a.jpg", [1]],
    ]);
    expect(dataset.warnings).toMatchObject([{ line: 4, message: "the box 0×4 has no area" }]);
  });

  it("reads WIDER's folder of lists as it is published, by the list whose images are there", async () => {
    await write({
      "images/0--Parade/a.jpg": "",
      "split/readme.txt": "Attached the mappings",
      "split/wider_face_val.mat": "",
      "split/wider_face_test_filelist.txt": "0--Parade/t.jpg\n",
      "split/wider_face_train_bbx_gt.txt": "0--Parade/b.jpg\n1\n1 2 3 4 0 0 0 0 0 0\n",
      "split/wider_face_val_bbx_gt.txt": "0--Parade/a.jpg\n1\n1 2 3 4 0 0 0 0 0 0\n0--Parade/c.jpg\n0\n0 0 0 0\n",
    });
    const dataset = await read("wider", "split");
    expect(dataset).toMatchObject({ total: 2, missing: ["0--Parade/c.jpg"], warnings: [] });
    expect(dataset.images.map(({ id, subsets }) => [id, subsets])).toEqual([["0--Parade/a.jpg", null]]);
    await write({ "images/0--Parade/b.jpg": "" });
    expect((await read("wider", "split")).images).toHaveLength(2);
  });

  it("reads COCO and VOC", async () => {
    await write({
      "images/a.png": "",
      "gt.json": JSON.stringify({
        images: [{ id: 1, file_name: "val/a.png", width: 10, height: 10 }],
        categories: [{ id: 1, name: "face" }],
        annotations: [{ image_id: 1, category_id: 1, bbox: [1, 1, 2, 2], iscrowd: 1 }],
      }),
      "voc/a.xml":
        "<annotation><object><name>face</name><difficult>1</difficult><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>4</xmax><ymax>4</ymax></bndbox></object></annotation>",
    });
    expect((await read("coco", "gt.json")).images).toMatchObject([{ id: "a.png", width: 10, truth: { crowd: Uint8Array.of(1) } }]);
    const voc = await read("voc", "voc");
    expect(voc).toMatchObject({
      classes: ["face"],
      images: [{ id: "a.png", truth: { ignore: Uint8Array.of(1), crowd: Uint8Array.of(0) } }],
    });
  });

  it("refuses empty and missing places", async () => {
    await write({ "images/a.jpg": "", "none/readme.md": "", "labels/b.txt": "", "gt.txt": "0--Parade/x.jpg\n0\n0 0 0 0\n" });
    expect(await code(read("yolo", "labels", "none"))).toContain("DATASET_INVALID /none: the folder has no images");
    expect(await code(read("yolo", "labels", "absent"))).toContain("DATASET_INVALID /absent: the folder of images cannot be read");
    expect(await code(read("yolo", "none"))).toContain("DATASET_INVALID /none: the folder has no label files");
    expect(await code(read("yolo", "labels"))).toContain("DATASET_INVALID /labels: none of its label files belongs to an image");
    expect(await code(read("wider", "gt.txt"))).toContain("DATASET_INVALID /gt.txt: none of its 1 images is in /images");
    expect(await code(read("wider", "labels"))).toContain("DATASET_INVALID /labels/wider_");
    expect(await code(read("coco", "absent.json"))).toContain("DATASET_INVALID /absent.json: it cannot be read");
    expect(await code(read("voc", "labels"))).toContain("DATASET_INVALID /labels: the folder has no annotations");
  });
});
