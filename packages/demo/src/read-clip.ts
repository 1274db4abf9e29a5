import { AVMEDIA_TYPE_VIDEO } from "node-av/constants";
import { Codec, CodecContext, FormatContext, Frame, Packet } from "node-av/lib";

/** The first `count` decoded frames of a file, one at a time; the frame is the reader's and valid until the next one. */
export async function* readClip(path: string, count: number): AsyncGenerator<Frame> {
  const format = new FormatContext();
  const context = new CodecContext();
  const packet = new Packet();
  const frame = new Frame();
  packet.alloc();
  frame.alloc();
  format.allocContext();
  try {
    if ((await format.openInput(path)) < 0 || (await format.findStreamInfo()) < 0) throw new Error(`${path} cannot be opened`);
    const index = format.findBestStream(AVMEDIA_TYPE_VIDEO);
    const stream = format.streams[index];
    const codec = stream && Codec.findDecoder(stream.codecpar.codecId);
    if (!stream || !codec) throw new Error(`${path} has no video`);
    context.allocContext3(codec);
    context.parametersToContext(stream.codecpar);
    await context.open2(codec);
    let given = 0;
    while (given < count && (await format.readFrame(packet)) >= 0) {
      if (packet.streamIndex === index) {
        await context.sendPacket(packet);
        while (given < count && (await context.receiveFrame(frame)) >= 0) {
          given++;
          yield frame;
        }
      }
      packet.unref();
    }
  } finally {
    packet.free();
    frame.free();
    context.freeContext();
    await format.closeInput();
  }
}
