import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { type DemoClip, ensureDemoClips } from "@octet/demo/clips";
import { RtspServer } from "@octet/demo/rtsp-server";
import type { CameraInput } from "@octet/shared/domain/camera";
import { createTRPCUntypedClient, httpLink } from "@trpc/client";

/** Four cameras at 5 a second take two cores whole; the browser that shows them may need the half of these. */
const DETECT_FPS = availableParallelism() >= 4 ? 5 : 2;

interface Kept {
  port: number;
}

/** What a newcomer sees first: four cameras with faces, as many of them over RTSP as this platform can serve. */
export class DemoSite {
  private readonly home: string;
  private readonly say: (text: string) => void;
  private readonly note: string;
  private clips: DemoClip[] = [];
  private server: RtspServer | null = null;
  private previousPort: number | null = null;

  constructor(home: string, say: (text: string) => void) {
    this.home = home;
    this.say = say;
    this.note = path.join(home, "demo.json");
  }

  /** True where an earlier run made the demo cameras. */
  exists(): boolean {
    return existsSync(this.note);
  }

  get running(): boolean {
    return this.clips.length > 0;
  }

  async start(): Promise<void> {
    const media = path.join(this.home, "media");
    mkdirSync(media, { recursive: true });
    this.clips = await ensureDemoClips(media, ({ clip, done, total }) => this.say(`5/6 demo clip ${done} of ${total}: ${clip.title}`));
    this.previousPort = this.exists() ? (JSON.parse(readFileSync(this.note, "utf8")) as Kept).port : null;
    const streams = this.clips.map((clip) => ({ name: clip.name, file: clip.path }));
    this.server = await RtspServer.start({ port: this.previousPort ?? 0, streams }).catch(() => RtspServer.start({ port: 0, streams }));
    writeFileSync(this.note, JSON.stringify({ port: this.server.port } satisfies Kept));
  }

  /** Where the server's port had to change, gives the cameras their new address; makes those that are not there, if asked to. */
  async register({ url, token, create }: { url: string; token: string; create: boolean }): Promise<void> {
    const client = createTRPCUntypedClient({
      links: [httpLink({ url: `${url}/api/trpc`, headers: { authorization: `Bearer ${token}` } })],
    });
    const port = this.server?.port;
    if (port === undefined || (!create && this.previousPort === port)) return;
    const cameras = (await client.query("cameras.list")) as { id: string; url: string }[];
    const [before, now] = [this.previousPort, port].map((of) => `rtsp://127.0.0.1:${of}/`) as [string, string];
    const known = new Set(cameras.map(({ url: address }) => address.replace(before, now)));
    for (const camera of cameras.filter((candidate) => before !== now && candidate.url.startsWith(before)))
      await client.mutation("cameras.update", { id: camera.id, patch: { url: camera.url.replace(before, now) } });
    const missing = create ? this.clips.map((clip, index) => this.camera(clip, index)).filter((camera) => !known.has(camera.url)) : [];
    for (const camera of missing) await client.mutation("cameras.create", camera);
    if (missing.length > 0) this.say(`6/6 ${missing.length} demo cameras were added`);
  }

  async stop(): Promise<void> {
    await this.server?.stop();
  }

  private camera(clip: DemoClip, index: number): CameraInput {
    // One of the four plays its file, so that both kinds of source are seen to work.
    const overRtsp = this.server && index < 3;
    return {
      name: clip.title,
      url: overRtsp && this.server ? this.server.url(clip.name) : `file:${path.basename(clip.path)}`,
      tags: ["demo"],
      detectFps: DETECT_FPS,
    };
  }
}
