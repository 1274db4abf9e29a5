import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { RtspAuth } from "./rtsp-auth.ts";
import { formatResponse, RtspParser } from "./rtsp-message.ts";

it("cuts requests out of any pieces, and skips interleaved packets", () => {
  const parser = new RtspParser();
  const bytes = Buffer.concat([
    Buffer.from("OPTIONS rtsp://h/x RTSP/1.0\r\nCSeq: 1\r\n\r\n"),
    Buffer.from([0x24, 1, 0, 3, 9, 9, 9]),
    Buffer.from("SETUP rtsp://h/x RTSP/1.0\r\nCSeq: 2\r\nContent-Length: 2\r\n\r\nabPLAY rtsp://h/x RTSP/1.0\r\nCSeq: 3\r\n\r\n"),
  ]);
  const requests = [...bytes].flatMap((byte) => parser.push(Buffer.from([byte])));
  expect(requests.map((request) => [request.method, request.headers.get("cseq")])).toEqual([
    ["OPTIONS", "1"],
    ["SETUP", "2"],
    ["PLAY", "3"],
  ]);
});

it("refuses what is no RTSP", () => {
  expect(() => new RtspParser().push(Buffer.from("GET / HTTP/1.1\r\n\r\n"))).toThrow();
  expect(() => new RtspParser().push(Buffer.alloc(20_000, 65))).toThrow();
});

it("answers with a length where there is a body", () => {
  expect(formatResponse(200, "4", [["Session", "a"]], "é")).toBe("RTSP/1.0 200 OK\r\nCSeq: 4\r\nSession: a\r\nContent-Length: 2\r\n\r\né");
});

it("accepts Digest and Basic with the right password only", () => {
  const auth = new RtspAuth({ username: "u", password: "p" });
  const nonce = /nonce="([^"]+)"/.exec(auth.challenges[0]!)![1]!;
  const md5 = (text: string) => createHash("md5").update(text).digest("hex");
  const digest = (password: string) =>
    `Digest username="u", realm="Octet demo", nonce="${nonce}", uri="rtsp://h/x", response="${md5(`${md5(`u:Octet demo:${password}`)}:${nonce}:${md5("PLAY:rtsp://h/x")}`)}"`;
  expect(auth.accepts("PLAY", digest("p"))).toBe(true);
  expect(auth.accepts("PLAY", digest("q"))).toBe(false);
  expect(auth.accepts("SETUP", digest("p"))).toBe(false);
  expect(auth.accepts("PLAY", `Basic ${Buffer.from("u:p").toString("base64")}`)).toBe(true);
  expect(auth.accepts("PLAY", `Basic ${Buffer.from("u:x").toString("base64")}`)).toBe(false);
  expect(auth.accepts("PLAY", undefined)).toBe(false);
  expect(new RtspAuth(undefined).accepts("PLAY", undefined)).toBe(true);
});
