import { expect, it } from "vitest";
import { redactText, redactUrl } from "./redact-url.ts";

it("replaces the password only", () => {
  expect(redactUrl("rtsp://admin:s3cret@192.0.2.1:554/a?b=1")).toBe("rtsp://admin:•••@192.0.2.1:554/a?b=1");
  expect(redactUrl("rtsp://192.0.2.1/a")).toBe("rtsp://192.0.2.1/a");
  expect(redactUrl("rtsp://admin@192.0.2.1/a")).toBe("rtsp://admin@192.0.2.1/a");
  expect(redactUrl("file:a@b:c.mp4")).toBe("file:a@b:c.mp4");
});

it("copes with an unescaped @ and : in the password", () => {
  expect(redactUrl("rtsp://admin:p@ss:w@host/x")).toBe("rtsp://admin:•••@host/x");
});

it("replaces secrets of the query", () => {
  expect(redactUrl("http://h/v?user=a&pwd=xyz&x=1")).toBe("http://h/v?user=a&pwd=•••&x=1");
});

it("cleans another library's message", () => {
  const url = "rtsp://admin:p%40ss@host/x";
  expect(redactText(`cannot open ${url}: p@ss refused`, url)).toBe("cannot open rtsp://admin:•••@host/x: ••• refused");
});
