import path from "node:path";
import { ensureDemoClips } from "@octet/demo/clips";
import { RtspServer } from "@octet/demo/rtsp-server";
import { sharedClips } from "@octet/testing/shared-clips";
import { waitFor } from "@octet/testing/wait-for";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Site } from "./site.ts";

describe("workers and real RTSP cameras", () => {
  let site: Site;
  let server: RtspServer;
  const ids: string[] = [];

  beforeAll(async () => {
    const clips = await ensureDemoClips(sharedClips());
    server = await RtspServer.start({
      streams: clips.slice(0, 2).map((clip) => ({ name: clip.name, file: clip.path })),
      credentials: { username: "viewer", password: "s3cret-word" },
    });
    site = await Site.start();
    await Promise.all([site.addWorker("one"), site.addWorker("two")]);
    for (const [index, clip] of [...clips.slice(0, 2), ...clips.slice(0, 2)].entries()) {
      const url = server
        .url(clip.name)
        .replace("rtsp://", "rtsp://viewer:s3cret-word@")
        .replace("viewer:s3cret-word@viewer:s3cret-word@", "viewer:s3cret-word@");
      ids.push((await site.addCamera({ name: `Camera ${index}`, url, detectFps: 2 })).id);
    }
    await waitFor(
      "all cameras to be online",
      async () => (await Promise.all(ids.map((id) => site.state(id)))).every((state) => state === "online"),
      60_000,
    );
  });

  afterAll(async () => {
    await site?.[Symbol.asyncDispose]();
    await server?.stop();
  });

  it("never lets a password out again", async () => {
    const answers = JSON.stringify([
      await site.query("cameras.list"),
      await site.query("cameras.exportCsv"),
      await site.query("workers.list"),
    ]);
    expect(answers).not.toContain("s3cret-word");
    const rows = JSON.stringify(await site.db.camera.findMany());
    expect(rows).not.toContain("s3cret-word");
    expect(site.workers.get("one")?.log).not.toContain("s3cret-word");
  });

  it("tests a connection: what is there, and what is wrong", async () => {
    const name = path.posix.basename(new URL(server.url("x")).pathname);
    expect(name).toBe("x");
    const [camera] = await site.query<{ id: string; url: string }[]>("cameras.list");
    const found = await site.mutate<{
      ok: boolean;
      probe: { codec: string; width: number; height: number; fps: number; gop: number | null; snapshot: string | null };
    }>("cameras.test", { url: camera?.url, transport: "tcp", cameraId: camera?.id });
    expect(found.probe).toMatchObject({ codec: "h264" });
    expect(found.probe.width).toBeGreaterThan(100);
    expect(found.probe.fps).toBeCloseTo(25, 0);
    expect(Buffer.from(found.probe.snapshot ?? "", "base64").subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));

    const codeOf = (url: string): Promise<string> =>
      site.mutate("cameras.test", { url, transport: "tcp" }).then(
        () => "none",
        (error: { data?: { octet?: { code?: string } } }) => error.data?.octet?.code ?? String(error),
      );
    const plain = new URL(server.url("x"));
    expect(await codeOf(`rtsp://viewer:wrong@${plain.host}/${new URL(server.url("x")).pathname.slice(1)}`)).toBe("CAMERA_UNAUTHORIZED");
    expect(await codeOf("rtsp://127.0.0.1:9/stream")).toBe("CAMERA_REFUSED");
    expect(await codeOf("file:absent.mp4")).toBe("CAMERA_NOT_FOUND_ON_SERVER");
  });

  it("shares the cameras between two workers, and takes them over from one that is killed", async () => {
    const homes = async (): Promise<(string | null)[]> =>
      (await site.query<{ workerId: string | null }[]>("cameras.list")).map((camera) => camera.workerId);
    await waitFor("both workers to run cameras", async () => {
      const all = await homes();
      return ["one", "two"].every((worker) => all.includes(worker));
    });
    await waitFor("all cameras to be online on their workers", async () =>
      (await Promise.all(ids.map((id) => site.camera(id)))).every(
        (camera) => camera.status?.state === "online" && camera.status.workerId === camera.workerId,
      ),
    );
    await site.endWorker("two", "SIGKILL");
    await waitFor("the first worker to run all", async () => (await homes()).every((id) => id === "one"));
    await waitFor("all cameras to be online again", async () =>
      (await Promise.all(ids.map((id) => site.state(id)))).every((state) => state === "online"),
    );
  });

  it("says why a camera is offline, and comes back by itself", async () => {
    const port = server.port;
    await server.kill();
    await waitFor("the cameras to be offline with a reason", async () => {
      const camera = await site.camera(ids[0] ?? "");
      return camera.status?.state === "offline" && camera.status.reason?.code;
    });
    const clips = await ensureDemoClips(sharedClips());
    server = await RtspServer.start({
      port,
      streams: clips.slice(0, 2).map((clip) => ({ name: clip.name, file: clip.path })),
      credentials: { username: "viewer", password: "s3cret-word" },
    });
    await waitFor(
      "the cameras to be online again",
      async () => (await Promise.all(ids.map((id) => site.state(id)))).every((state) => state === "online"),
      60_000,
    );
  });

  it("ends a worker cleanly", async () => {
    expect(await site.endWorker("one")).toBe(0);
  });
});
