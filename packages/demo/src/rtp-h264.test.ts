import { expect, it } from "vitest";
import { packetizeH264 } from "./rtp-h264.ts";

const nal = (type: number, length: number) => Buffer.from([0x60 | type, ...Array.from({ length: length - 1 }, (_, i) => i & 0xff)]);

it("sends small NAL units as they are, with the marker on the last", () => {
  const packets = packetizeH264([nal(7, 20), nal(5, 100)], 9000, { ssrc: 7, sequence: 65_535 });
  expect(packets.map((packet) => [packet[1]! >> 7, packet.readUInt16BE(2), packet.readUInt32BE(4), packet.length])).toEqual([
    [0, 65_535, 9000, 32],
    [1, 0, 9000, 112],
  ]);
});

it("fragments large ones so that they can be put together again", () => {
  const unit = nal(5, 5000);
  const packets = packetizeH264([unit], 2 ** 32 + 5, { ssrc: 7, sequence: 0 });
  expect(packets.every((packet) => packet.length <= 1412 && packet.readUInt32BE(4) === 5)).toBe(true);
  expect(packets.map((packet) => packet[13]! >> 6)).toEqual([2, 0, 0, 1]);
  const whole = Buffer.concat([
    Buffer.from([(packets[0]![12]! & 0xe0) | (packets[0]![13]! & 0x1f)]),
    ...packets.map((packet) => packet.subarray(14)),
  ]);
  expect(whole.equals(unit)).toBe(true);
});
