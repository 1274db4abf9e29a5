import { dirname } from "node:path";
import { MediaInput } from "@octet/media/media-input";
import { VideoDecoder } from "@octet/media/video-decoder";
import { Packet } from "node-av/lib";

/** The least that decoding a file can cost through node-av: read, decode, nothing else, in this thread. */
export async function bareDecode(path: string): Promise<{ frames: number; wallSeconds: number; cpuSeconds: number }> {
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  await using input = new MediaInput({ url: path, transport: "tcp", mediaRoot: dirname(path), timeoutMs: 10_000, videoOnly: true });
  await input.open();
  using decoder = VideoDecoder.create(input.video, { hardware: false });
  using packet = new Packet();
  packet.alloc();
  let frames = 0;
  const count = () => {
    frames++;
  };
  while (input.readSync(packet) >= 0) {
    if (packet.streamIndex === input.video.index) decoder.decode(packet, count);
    packet.unref();
  }
  decoder.decode(null, count);
  const used = process.cpuUsage(cpu);
  return { frames, wallSeconds: (performance.now() - startedAt) / 1000, cpuSeconds: (used.user + used.system) / 1e6 };
}
