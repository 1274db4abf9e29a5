import { describe, expect, it } from "vitest";
import { type ChosenFile, listed, refuseSelection, selectionOf } from "./chosen-files.ts";

const chosen = (...paths: string[]): ChosenFile[] => paths.map((path) => ({ path, file: new File(["x"], path.split("/").at(-1)!) }));

describe("selectionOf", () => {
  it("keeps the images and the labels of the layout, with their paths, and counts the rest", () => {
    const all = chosen("set/images/a.jpg", "set/labels/a.txt", "set/classes.yaml", "set/.DS_Store", "set/__MACOSX/._a.jpg");
    const { files, images, leftOut } = selectionOf(all, "yolo");
    expect(files.map(({ path }) => path)).toEqual(["set/images/a.jpg", "set/labels/a.txt", "set/classes.yaml"]);
    expect([images, leftOut]).toEqual([1, 2]);
    expect(selectionOf(all, "images").files.map(({ path }) => path)).toEqual(["set/images/a.jpg"]);
  });

  it("takes one archive as it is, and none among files", () => {
    expect(selectionOf(chosen("a.zip"), "voc")).toMatchObject({ archive: { path: "a.zip" }, files: [] });
    expect(selectionOf(chosen("a.zip", "b.jpg"), "images")).toMatchObject({ archive: null, images: 1, leftOut: 1 });
  });
});

describe("refuseSelection", () => {
  const refuse =
    (layout: "images" | "yolo" | "coco", ...paths: string[]) =>
    () =>
      refuseSelection(selectionOf(chosen(...paths), layout), layout);

  it("lets a folder with images and labels pass", () => {
    expect(refuse("coco", "set/images/a.jpg", "set/annotations.json")).not.toThrow();
    expect(refuse("images", "a.jpg", "b.png")).not.toThrow();
  });

  it("says what is missing", () => {
    expect(refuse("images", "notes.txt")).toThrow("no images");
    expect(refuse("yolo", "set/images/a.jpg")).toThrow("no labels for the layout YOLO");
  });

  it("refuses two files of one path, paths that are too long, and an archive without a byte", () => {
    expect(refuse("images", "a.jpg", "a.jpg")).toThrow("Two files are named a.jpg");
    expect(refuse("images", `${"x".repeat(600)}.jpg`)).toThrow("no path that can be kept");
    const archive = [{ path: "a.zip", file: new File([], "a.zip") }];
    expect(() => refuseSelection(selectionOf(archive, "images"), "images")).toThrow("a.zip is empty");
  });
});

it("takes a chosen folder's paths, and names where files were chosen", () => {
  const inFolder = Object.defineProperty(new File(["x"], "a.jpg"), "webkitRelativePath", { value: "set/images/a.jpg" });
  expect(listed([inFolder, new File(["x"], "b.jpg")]).map(({ path }) => path)).toEqual(["set/images/a.jpg", "b.jpg"]);
});
