import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ArtifactServer, hashOf, TEST_TOKEN } from "../testing/artifact-server.ts";
import { ArtifactClient } from "./artifacts.ts";
import { materialise } from "./materialise.ts";

let folder: string;
let server: ArtifactServer;
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "octet-artifacts-"));
  server = await ArtifactServer.start();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});
const client = (more: Partial<Parameters<typeof ArtifactClient.create>[0]> = {}) =>
  ArtifactClient.create({ url: server.url, token: TEST_TOKEN, folder, maxBytes: 1e9, retryMs: 1, ...more });

describe("ArtifactClient", () => {
  it("fetches a file once, also when it is asked for twice at a time, and by the next process", async () => {
    const ref = server.add("a model");
    const artifacts = await client();
    const [one, two] = await Promise.all([artifacts.get(ref), artifacts.get(ref)]);
    expect(readFileSync(one, "utf8")).toBe("a model");
    expect(two).toBe(one);
    expect(await (await client()).get(ref)).toBe(one);
    expect(server.requests).toHaveLength(1);
  });

  it("waits out a server that is away, and one that breaks off", async () => {
    const ref = server.add(Buffer.alloc(300_000, 7));
    server.answer = ({ count }) => (count === 1 ? "hang up" : count === 2 ? { status: 503 } : count === 3 ? { status: 429 } : null);
    expect(hashOf(readFileSync(await (await client()).get(ref)))).toBe(ref.sha256);
    expect(server.requests).toHaveLength(4);
    // Nobody listens at all any more: it gives up in the end, and says so.
    const { url } = server;
    await server[Symbol.asyncDispose]();
    const lost = ArtifactClient.create({ url, token: TEST_TOKEN, folder, maxBytes: 1e9, retryMs: 1, giveUpMs: 30 });
    await expect((await lost).get({ sha256: "0".repeat(64), sizeBytes: 1 })).rejects.toMatchObject({ code: "WORKER_UNAVAILABLE" });
    server = await ArtifactServer.start();
  });

  it("takes no other bytes than the name says, and leaves nothing of them", async () => {
    const ref = server.add("as it should be");
    server.answer = () => ({ status: 200, body: "as it should xx" });
    await expect((await client()).get(ref)).rejects.toMatchObject({ code: "INTERNAL", message: expect.stringContaining(ref.sha256) });
    expect(server.requests).toHaveLength(3);
    server.answer = () => ({ status: 200, body: "as it should be, and more" });
    await expect((await client()).get(ref)).rejects.toMatchObject({ code: "INTERNAL" });
    expect(readdirSync(path.join(folder, "artifacts", "incoming"))).toEqual([]);
  });

  it("says what the server says, without asking again", async () => {
    const missing = { sha256: "1".repeat(64), sizeBytes: 3 };
    await expect((await client()).get(missing)).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect((await client({ token: "another token" })).get(missing)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    expect(server.requests).toHaveLength(2);
  });

  it("sends a file until the server has it, and need not fetch it afterwards", async () => {
    const file = path.join(folder, "out.bin");
    writeFileSync(file, Buffer.alloc(2_000_000, 3));
    server.answer = ({ count }) => (count === 1 ? { status: 500 } : null);
    const artifacts = await client();
    const ref = await artifacts.put(file);
    expect(server.files.get(ref.sha256)?.length).toBe(2_000_000);
    expect(await artifacts.putBytes("a report")).toMatchObject({ sizeBytes: 8 });
    const before = server.requests.length;
    await artifacts.get(ref);
    expect(server.requests).toHaveLength(before);
  });

  it("keeps to its limit: what was not used for longest goes, but for what is laid out", async () => {
    const refs = ["a", "b", "c"].map((name) => server.add(name.repeat(1000)));
    const artifacts = await client();
    const files = [];
    for (const [index, ref] of refs.entries()) {
      files.push(await artifacts.get(ref));
      utimesSync(files[index]!, 1000 + index, 1000 + index);
    }
    await artifacts.place(refs[0]!, path.join(folder, "laid-out.bin"));
    utimesSync(files[0]!, 1, 1);
    await client({ maxBytes: 2500 });
    expect(files.map((file) => existsSync(file))).toEqual([true, false, true]);
    expect(statSync(path.join(folder, "laid-out.bin")).size).toBe(1000);
  });
});

describe("materialise", () => {
  const manifestOf = (files: Record<string, string>, more: object = {}) =>
    server.add(
      JSON.stringify({
        layout: "images",
        images: "images",
        groundTruth: null,
        files: Object.entries(files).map(([name, content]) => ({ path: name, ...server.add(content) })),
        ...more,
      }),
    );
  const layOut = async (ref: ReturnType<typeof manifestOf>) => materialise(await client(), ref, path.join(folder, "datasets"));

  it("lays a set out once, equal files and all", async () => {
    const ref = manifestOf({ "images/a/1.jpg": "one", "images/b/1.jpg": "one", "images/2.jpg": "two" });
    const { images, groundTruth } = await layOut(ref);
    expect(readFileSync(path.join(images, "a/1.jpg"), "utf8")).toBe("one");
    expect(readFileSync(path.join(images, "b/1.jpg"), "utf8")).toBe("one");
    expect(groundTruth).toBeNull();
    const before = server.requests.length;
    expect((await layOut(ref)).images).toBe(images);
    expect(server.requests).toHaveLength(before);
  });

  it.each<[string, () => ReturnType<typeof manifestOf>]>([
    ["a path that leads out", () => manifestOf({ "images/../../evil": "x" })],
    ["an absolute path", () => manifestOf({ "/etc/evil": "x" })],
    ["a file that is a folder too", () => manifestOf({ "images/a": "x", "images/a/b": "y" })],
    ["a path that comes twice", () => manifestOf({}, { files: [1, 2].map((n) => ({ path: "images/a", ...server.add(`${n}`) })) })],
    ["what is no JSON", () => server.add("images")],
    ["what is another document", () => server.add("{}")],
  ])("refuses %s and leaves nothing", async (_, manifest) => {
    await expect(layOut(manifest())).rejects.toMatchObject({ code: "DATASET_INVALID" });
    const datasets = path.join(folder, "datasets");
    expect(existsSync(datasets) ? readdirSync(datasets) : []).toEqual([]);
    expect(existsSync(path.join(folder, "evil"))).toBe(false);
  });

  it("lays out nothing of a set of which a file is missing", async () => {
    const ref = manifestOf({ "images/a": "x", "images/b": "y" });
    server.files.delete(hashOf(Buffer.from("y")));
    await expect(layOut(ref)).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(readdirSync(path.join(folder, "datasets"))).toEqual([]);
  });
});
