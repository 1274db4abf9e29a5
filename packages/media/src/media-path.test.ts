import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppError } from "@octet/shared/errors";
import { afterAll, beforeAll, expect, it } from "vitest";
import { resolveMediaFile } from "./media-path.ts";

let base = "";
let root = "";
beforeAll(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "octet-media-")));
  root = join(base, "media");
  mkdirSync(join(root, "sub"), { recursive: true });
  mkdirSync(join(base, "media-other"));
  for (const file of ["media/a.mp4", "media/sub/my clip.mp4", "secret.mp4", "media-other/b.mp4"]) writeFileSync(join(base, file), "x");
  symlinkSync(join(base, "secret.mp4"), join(root, "link.mp4"));
  symlinkSync(join(root, "a.mp4"), join(root, "good-link.mp4"));
  symlinkSync(base, join(root, "up"));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

const codeOf = (url: string) => {
  try {
    resolveMediaFile(url, root);
  } catch (error) {
    return error instanceof AppError ? error.code : error;
  }
};

it("finds files below the folder, by name, path or URL", () => {
  expect(resolveMediaFile("file:a.mp4", root)).toBe(join(root, "a.mp4"));
  expect(resolveMediaFile("sub/my clip.mp4", root)).toBe(join(root, "sub/my clip.mp4"));
  expect(resolveMediaFile("file:sub/my%20clip.mp4", root)).toBe(join(root, "sub/my clip.mp4"));
  expect(resolveMediaFile(`file://${root}/a.mp4`, root)).toBe(join(root, "a.mp4"));
  expect(resolveMediaFile("file:good-link.mp4", root)).toBe(join(root, "a.mp4"));
});

it.each([
  "file:../secret.mp4",
  "file:/etc/passwd",
  "file:///etc/passwd",
  "file:link.mp4",
  "file:up/secret.mp4",
  "file:../media-other/b.mp4",
  "file:%2e%2e/secret.mp4",
])("refuses %s", (url) => expect(codeOf(url)).toMatch(/CAMERA_URL_INVALID|CAMERA_NOT_FOUND_ON_SERVER/));

it("says outside, and not whether a file exists there", () => {
  expect(codeOf("file:../secret.mp4")).toBe("CAMERA_URL_INVALID");
  expect(codeOf("file:../nothing.mp4")).toBe("CAMERA_URL_INVALID");
  expect(codeOf("file:link.mp4")).toBe("CAMERA_URL_INVALID");
});

it("names a missing file and a folder", () => {
  expect(codeOf("file:nope.mp4")).toBe("CAMERA_NOT_FOUND_ON_SERVER");
  expect(codeOf("file:sub")).toBe("CAMERA_NOT_VIDEO");
});
