// Plays one file for ever to an RTSP server, at its own pace and without decoding it.
// Started by go2rtc when somebody opens the stream: node rtsp-publisher.mjs FILE rtsp://…
import { setTimeout as delay } from "node:timers/promises";
import { AVMEDIA_TYPE_VIDEO } from "node-av/constants";
import { Dictionary, FormatContext, Packet, Rational } from "node-av/lib";

const [file, target] = process.argv.slice(2);
const input = new FormatContext();
input.allocContext();
const fail = (what, code) => {
  process.stderr.write(`${what}: ${code}\n`);
  process.exit(1);
};
let code = await input.openInput(file);
if (code < 0) fail(`cannot open ${file}`, code);
if ((code = await input.findStreamInfo()) < 0) fail("cannot read the stream", code);
const index = input.findBestStream(AVMEDIA_TYPE_VIDEO);
const source = input.streams[index];

const output = new FormatContext();
if ((code = output.allocOutputContext2(null, "rtsp", target)) < 0) fail("cannot make an RTSP output", code);
const stream = output.newStream(null);
source.codecpar.copy(stream.codecpar);
stream.codecpar.codecTag = 0;
stream.timeBase = source.timeBase;
const options = Dictionary.fromObject({ rtsp_transport: "tcp" });
if ((code = await output.writeHeader(options)) < 0) fail("the server does not take the stream", code);

const packet = new Packet();
packet.alloc();
const tick = source.timeBase.num / source.timeBase.den;
const milliseconds = new Rational(1, 1000);
const began = performance.now();
let offset = 0n;
let next = 0n;
for (;;) {
  code = await input.readFrame(packet);
  if (code < 0) {
    // The end: from the beginning again, with times that go on.
    offset = next;
    if ((await input.seekFrame(index, 0n, 1)) < 0) fail("cannot rewind", code);
    continue;
  }
  if (packet.streamIndex === index) {
    packet.dts += offset;
    packet.pts += offset;
    next = packet.dts + (packet.duration > 0n ? packet.duration : BigInt(Math.round(1 / tick / 25)));
    const due = began + Number(packet.dts) * tick * 1000;
    const early = due - performance.now();
    if (early > 1) await delay(early);
    packet.streamIndex = stream.index;
    packet.rescaleTs(source.timeBase, stream.timeBase ?? milliseconds);
    // Nobody watches any more, or the server is gone.
    if ((await output.interleavedWriteFrame(packet)) < 0) process.exit(0);
  }
  packet.unref();
}
