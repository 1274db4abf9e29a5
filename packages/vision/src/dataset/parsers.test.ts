import { describe, expect, it } from "vitest";
import { readCocoJson } from "./coco-json.ts";
import { readVocXml } from "./voc-xml.ts";
import { readWiderText } from "./wider-text.ts";
import { readYoloLabels } from "./yolo-labels.ts";

/** Code and message of what is thrown. */
function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return `${code} ${message}`;
  }
  return "accepted";
}

describe("readWiderText", () => {
  it("reads faces, flags, and images without faces", () => {
    const text =
      "0--Parade/a.jpg\n2\n1 2 3 4 0 0 0 0 0 0\n5 6 7 8 1 0 0 1 2 0\n0--Parade/b.jpg\n0\n0 0 0 0 0 0 0 0 0 0 \n1--X/c.jpg\n1\n9 9 1 1\n";
    expect(readWiderText(text, "gt.txt")).toEqual([
      {
        file: "0--Parade/a.jpg",
        faces: [
          { x: 1, y: 2, w: 3, h: 4, invalid: false, line: 3 },
          { x: 5, y: 6, w: 7, h: 8, invalid: true, line: 4 },
        ],
      },
      { file: "0--Parade/b.jpg", faces: [] },
      { file: "1--X/c.jpg", faces: [{ x: 9, y: 9, w: 1, h: 1, invalid: false, line: 10 }] },
    ]);
  });

  it.each([
    ["a.jpg\n2\n1 2 3 4\n", "gt.txt, line 4"],
    ["a.jpg\nmany\n", "gt.txt, line 2"],
    ["a.jpg\n1\n1 2 NaN 4\n", "gt.txt, line 3"],
    ["1 2 3 4\n", "gt.txt, line 1"],
    ["a.jpg\n99\n1 2 3 4\n", "gt.txt, line 4"],
  ])("refuses %j", (text, where) => {
    expect(refusal(() => readWiderText(text, "gt.txt"))).toMatch(new RegExp(`^DATASET_INVALID ${where}`));
  });
});

describe("readYoloLabels", () => {
  const size = { width: 200, height: 100, classCount: 2 };

  it("turns fractions into pixels, past landmarks and blank lines", () => {
    const { boxes, warnings } = readYoloLabels("1 0.5 0.5 0.2 0.4 0.1 0.2\r\n\r\n0 0.1 0.1 0.2 0.2\n", "a.txt", size);
    expect(boxes.map(({ x, y, w, h, classIndex }) => [x, y, w, h, classIndex].map((value) => Number(value!.toFixed(9))))).toEqual([
      [80, 30, 40, 40, 1],
      [0, 0, 40, 20, 0],
    ]);
    expect(warnings).toEqual([]);
  });

  it("warns of boxes that reach outside or have no area", () => {
    const { boxes, warnings } = readYoloLabels("0 0.98 0.5 0.2 0.2\n0 0.5 0.5 0 0.2\n", "a.txt", size);
    expect(boxes).toHaveLength(1);
    expect(warnings.map(({ line, message }) => `${line} ${message}`)).toEqual([
      "1 the box reaches outside the image (200×100)",
      "2 the box 0×20 has no area",
    ]);
  });

  it.each([
    ["0 0.5 0.5 0.1", "it has 4 values"],
    ["0 0.5 NaN 0.1 0.1", "a value is no number"],
    ["0 0.5 Infinity 0.1 0.1", "a value is no number"],
    ["face 0.5 0.5 0.1 0.1", "a value is no number"],
    ["0.5 0.5 0.5 0.1 0.1", '"0.5" is no class number'],
    ["-1 0.5 0.5 0.1 0.1", '"-1" is no class number'],
    ["2 0.5 0.5 0.1 0.1", "class 2 is unknown; there are 2 classes"],
    ["0 100 50 20 20", "the box is not given as fractions"],
  ])("refuses %j", (text, reason) => {
    expect(refusal(() => readYoloLabels(`0 0.5 0.5 0.1 0.1\n${text}`, "a.txt", size))).toContain(
      `DATASET_INVALID a.txt, line 2: ${reason}`,
    );
  });
});

describe("readCocoJson", () => {
  const document = {
    images: [{ id: 7, file_name: "a.jpg", width: 100, height: 50 }],
    categories: [
      { id: 3, name: "person" },
      { id: 9, name: "face" },
    ],
    annotations: [
      { id: 1, image_id: 7, category_id: 9, bbox: [1, 2, 10, 20], area: 150, iscrowd: 0 },
      { id: 2, image_id: 7, category_id: 3, bbox: [90, 2, 30, 20], iscrowd: 1 },
    ],
  };
  const read = (changed: object) => readCocoJson(JSON.stringify({ ...document, ...changed }), "gt.json");

  it("reads boxes, classes, areas and crowds", () => {
    expect(read({})).toEqual({
      classes: ["person", "face"],
      images: [
        {
          file: "a.jpg",
          width: 100,
          height: 50,
          boxes: [
            { x: 1, y: 2, w: 10, h: 20, classIndex: 1, crowd: false, ignore: false, area: 150 },
            { x: 90, y: 2, w: 30, h: 20, classIndex: 0, crowd: true, ignore: false },
          ],
        },
      ],
      warnings: [{ file: "gt.json", line: null, message: "annotations[1] (a.jpg): the box reaches outside the image (100×50)" }],
    });
  });

  it.each<[object, string]>([
    [{ images: undefined }, 'it has no list "images"'],
    [{ annotations: [{ image_id: 8, category_id: 9, bbox: [0, 0, 1, 1] }] }, "annotations[0] is of image 8, which is not listed"],
    [{ annotations: [{ image_id: 7, category_id: 1, bbox: [0, 0, 1, 1] }] }, "annotations[0] has the category 1, which is not listed"],
    [{ annotations: [{ image_id: 7, category_id: 9, bbox: [0, 0, null, 1] }] }, "annotations[0] (a.jpg) needs a bbox of four numbers"],
    [{ images: [{ id: 1 }] }, "images[0] needs an id and a file_name"],
    [{ annotations: [null] }, "annotations[0] is no object"],
  ])("refuses %j", (changed, reason) => {
    expect(refusal(() => read(changed))).toContain(`DATASET_INVALID gt.json: ${reason}`);
  });

  it("refuses what is not JSON", () => {
    expect(refusal(() => readCocoJson("{", "gt.json"))).toMatch(/^DATASET_INVALID gt.json: it is not JSON/);
    expect(refusal(() => readCocoJson("null", "gt.json"))).toMatch(/^DATASET_INVALID gt.json: it has no list/);
  });
});

describe("readVocXml", () => {
  const annotation = (objects: string) =>
    `<annotation><filename>a.jpg</filename><size><width>100</width><height>50</height></size>${objects}</annotation>`;
  const object = (inner = "", corners = "<xmin>1</xmin><ymin>1</ymin><xmax>10</xmax><ymax>20</ymax>") =>
    `<object><name>face</name>${inner}<bndbox>${corners}</bndbox></object>`;

  it("reads 1-based inclusive corners and difficult objects", () => {
    expect(readVocXml(annotation(object() + object("<difficult>1</difficult>")), "a.xml")).toEqual({
      filename: "a.jpg",
      width: 100,
      height: 50,
      objects: [
        { x: 0, y: 0, w: 10, h: 20, name: "face", difficult: false },
        { x: 0, y: 0, w: 10, h: 20, name: "face", difficult: true },
      ],
      warnings: [],
    });
    expect(readVocXml(annotation(""), "a.xml").objects).toEqual([]);
  });

  it("warns of a box outside", () => {
    const { warnings } = readVocXml(annotation(object("", "<xmin>200</xmin><ymin>1</ymin><xmax>220</xmax><ymax>20</ymax>")), "a.xml");
    expect(warnings).toEqual([{ file: "a.xml", line: null, message: "object 1 (face): the box lies outside the image (100×50)" }]);
  });

  it.each([
    ["<annotation>\n<object></annotation>", "DATASET_INVALID a.xml, line 2: broken XML"],
    ["<html></html>", "DATASET_INVALID a.xml: it has no <annotation>"],
    [annotation("<object></object>"), "DATASET_INVALID a.xml: object 1 has no name"],
    [annotation(object("", "<xmin>nan</xmin>")), "DATASET_INVALID a.xml: object 1 (face) has no number in <xmin>"],
  ])("refuses %s", (text, reason) => {
    expect(refusal(() => readVocXml(text, "a.xml"))).toContain(reason);
  });
});
