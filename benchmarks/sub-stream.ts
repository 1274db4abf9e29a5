import path from "node:path";
import { ClipEncoder } from "@octet/media/clip-encoder";
import { MediaInput } from "@octet/media/media-input";
import { VideoDecoder } from "@octet/media/video-decoder";
import { type Frame, Packet } from "node-av/lib";

/** So small that dozens of them can be decoded on two cores at 25 frames a second. */
export const SUB = { width: 320, height: 180 };

/** The clip as the sub-stream of a camera would have it. */
export async function subStream(from: string, to: string): Promise<void> {
  await using encoder = await ClipEncoder.create(to, SUB.width, SUB.height);
  await using input = new MediaInput({ url: from, transport: "tcp", mediaRoot: path.dirname(from), timeoutMs: 10_000, videoOnly: true });
  await input.open();
  using decoder = VideoDecoder.create(input.video, { hardware: false });
  using packet = new Packet();
  packet.alloc();
  while ((await input.read(packet)) >= 0) {
    const frames: Frame[] = [];
    if (packet.streamIndex === input.video.index)
      decoder.decode(packet, (frame) => {
        const copy = frame.clone();
        if (copy) frames.push(copy);
      });
    packet.unref();
    for (const frame of frames) {
      await encoder.add(frame);
      frame.free();
    }
  }
  await encoder.finish();
}
