// The demo's cameras for other hosts or containers: rtsp://<this host>:8554/demo-lobby and three more.
import { connect, createServer } from "node:net";
import path from "node:path";
import { ensureDemoClips } from "@octet/demo/clips";
import { RtspServer } from "@octet/demo/rtsp-server";

const PORT = 8554;
const say = (text: string) => process.stdout.write(`${text}\n`);

const home = process.env["OCTET_HOME"];
if (!home) {
  process.stderr.write("Set OCTET_HOME: the folder that the clips are kept in, below media/\n");
  process.exit(2);
}
const clips = await ensureDemoClips(path.join(home, "media"), ({ clip, done, total }) =>
  say(`demo clip ${done} of ${total}: ${clip.title}`),
);
const rtsp = await RtspServer.start({ streams: clips.map((clip) => ({ name: clip.name, file: clip.path })) });

// The demo's server stays on loopback on purpose; this carries its TCP connections, and RTP goes interleaved in them.
const door = createServer((outside) => {
  const inside = connect(rtsp.port, "127.0.0.1");
  for (const [from, to] of [
    [outside, inside],
    [inside, outside],
  ] as const) {
    from.on("error", () => to.destroy());
    from.on("close", () => to.destroy());
    from.pipe(to);
  }
});
await new Promise<void>((resolve, reject) => {
  door.once("error", reject);
  door.listen(PORT, "0.0.0.0", resolve);
});
for (const { name, title } of clips) say(`${title}: rtsp://<host>:${PORT}/${name}`);

async function end(): Promise<void> {
  door.close();
  await rtsp.stop();
  process.exit(0);
}
process.on("SIGTERM", () => void end());
process.on("SIGINT", () => void end());
