import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { ArtifactUploads } from "./artifact-uploads.ts";

const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const stored = new Map<string, Buffer>();
const requests: string[] = [];
/** Statuses that are given instead, one a request. */
let faults: { status: number; body?: string }[] = [];
let server: Server;
let folder: string;
let uploads: ArtifactUploads;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "octet-uploads-"));
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const sha256 = request.url!.split("/").at(-1)!;
      requests.push(`${request.method} ${request.headers.authorization}`);
      const fault = faults.shift();
      if (fault) return response.writeHead(fault.status).end(fault.body);
      const known = stored.get(sha256);
      if (request.method === "HEAD") return response.writeHead(known ? 200 : 404, known ? { "content-length": known.length } : {}).end();
      const bytes = Buffer.concat(chunks);
      if (hashOf(bytes) !== sha256 || request.headers["content-length"] !== String(bytes.length)) return response.writeHead(400).end();
      stored.set(sha256, bytes);
      return response.writeHead(201).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  uploads = new ArtifactUploads({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token: "t", from: "environment" });
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  stored.clear();
  requests.length = 0;
  faults = [];
});

function file(name: string, content: string): string {
  writeFileSync(path.join(folder, name), content);
  return path.join(folder, name);
}

it("sends what the server has not, counts it, and does not send it again", async () => {
  const big = file("a", "a".repeat(300_000));
  const files = [
    { path: "x/a", file: big },
    { path: "x/b", file: file("b", "b") },
    // Labels of an image without faces.
    { path: "x/none", file: file("none", "") },
  ];
  const counts: number[] = [];
  const first = await uploads.sendAll(files, ({ bytes }) => counts.push(bytes));
  expect(first.map(({ path: name, sizeBytes, sent }) => [name, sizeBytes, sent])).toEqual([
    ["x/a", 300_000, true],
    ["x/b", 1, true],
    ["x/none", 0, true],
  ]);
  expect(stored.get(first[0]!.sha256)!.length).toBe(300_000);
  expect(counts.at(-1)).toBe(300_001);
  expect(requests.every((request) => request.endsWith("Bearer t"))).toBe(true);
  requests.length = 0;
  const again = await uploads.sendAll(files, () => {});
  expect(again.map(({ sent }) => sent)).toEqual([false, false, false]);
  expect(requests.map((request) => request.split(" ")[0])).toEqual(["HEAD", "HEAD", "HEAD"]);
});

it("tries again what may pass, and gives the server's reason for what does not", async () => {
  faults = [{ status: 503 }];
  expect(await uploads.send(file("c", "c"))).toMatchObject({ sent: true });
  const error = { code: "FORBIDDEN", message: "This needs the role operator; yours is viewer", hint: "Ask an admin." };
  faults = [{ status: 404 }, { status: 403, body: JSON.stringify({ error }) }];
  await expect(uploads.send(file("d", "d"))).rejects.toMatchObject(error);
});
