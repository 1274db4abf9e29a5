import { expect, it } from "vitest";
import { maskUrl, mergeMaskedUrl } from "./mask.ts";

const stored = "rtsp://admin:hunter2@192.0.2.1:554/ch1";
const codeOf = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return "none";
};

it("masks passwords and parameters that look like one, and nothing else", () => {
  expect(maskUrl(stored)).toBe("rtsp://admin:•••@192.0.2.1:554/ch1");
  expect(maskUrl("http://192.0.2.1/video?user=a&pwd=hunter2")).toBe("http://192.0.2.1/video?user=a&pwd=•••");
  for (const url of ["rtsp://192.0.2.1/ch1", "file:street.mp4", "rtsp://admin@192.0.2.1/ch1"]) expect(maskUrl(url)).toBe(url);
});

it.each([
  "rtsp://admin:hunter2@host/1",
  "rtsp://admin:a%40b%3Ac@host/1",
  "rtsp://:hunter2@host/1",
  "rtsp://admin:p•ss•••@host/1",
  "http://host/v?password=hunter2&x=1",
  "http://host/v?token=a%26b",
])("gives %s back after a round trip through the mask", (url) => {
  expect(decodeURIComponent(mergeMaskedUrl(maskUrl(url), url))).toBe(decodeURIComponent(url));
});

it("takes a new password as it is", () => {
  expect(mergeMaskedUrl("rtsp://admin:other@192.0.2.1/ch1", stored)).toBe("rtsp://admin:other@192.0.2.1/ch1");
});

it("keeps the stored password where only the path changes", () => {
  expect(mergeMaskedUrl("rtsp://admin:•••@192.0.2.1:554/ch2", stored)).toBe("rtsp://admin:hunter2@192.0.2.1:554/ch2");
});

it.each([
  "rtsp://admin:•••@203.0.113.9:554/ch1",
  "rtsp://admin:•••@192.0.2.1:8554/ch1",
  "rtsp://root:•••@192.0.2.1:554/ch1",
  "http://admin:•••@192.0.2.1:554/ch1",
  "rtsp://admin:•••@192.0.2.1:554@203.0.113.9/ch1",
])("never sends the stored password to %s", (url) => {
  expect(codeOf(() => mergeMaskedUrl(url, stored))).toBe("CAMERA_PASSWORD_REQUIRED");
});

it("asks for the password where none is stored", () => {
  expect(codeOf(() => mergeMaskedUrl("rtsp://admin:•••@host/", null))).toBe("CAMERA_PASSWORD_REQUIRED");
  expect(codeOf(() => mergeMaskedUrl("rtsp://admin:•••@192.0.2.1/ch1", "rtsp://admin@192.0.2.1/ch1"))).toBe("CAMERA_PASSWORD_REQUIRED");
  expect(codeOf(() => mergeMaskedUrl("http://192.0.2.1/v?pwd=•••", "http://192.0.2.1/v"))).toBe("CAMERA_PASSWORD_REQUIRED");
});
