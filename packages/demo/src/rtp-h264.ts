/** RTP payload bytes; with headers a packet stays below a usual MTU of 1500. */
const MAX_PAYLOAD = 1400;
export const PAYLOAD_TYPE = 96;
/** RTP clock of video, ticks a second. */
export const CLOCK_RATE = 90_000;

/** Counts the packets of one RTP stream. */
export interface RtpState {
  ssrc: number;
  sequence: number;
}

function header(state: RtpState, timestamp: number, marker: boolean): Buffer {
  const bytes = Buffer.alloc(12);
  bytes[0] = 0x80;
  bytes[1] = (marker ? 0x80 : 0) | PAYLOAD_TYPE;
  bytes.writeUInt16BE(state.sequence, 2);
  bytes.writeUInt32BE(timestamp, 4);
  bytes.writeUInt32BE(state.ssrc, 8);
  state.sequence = (state.sequence + 1) & 0xffff;
  return bytes;
}

/**
 * RTP packets of one H.264 picture (RFC 6184, packetization mode 1): a NAL unit that fits goes as it is, a
 * larger one in FU-A fragments; the marker bit is on the last packet.
 * @param timestamp in ticks of 90 kHz, taken modulo 2³²
 */
export function packetizeH264(nals: readonly Buffer[], timestamp: number, state: RtpState): Buffer[] {
  const ticks = ((timestamp % 2 ** 32) + 2 ** 32) % 2 ** 32;
  const packets: Buffer[] = [];
  for (const [index, nal] of nals.entries()) {
    const last = index === nals.length - 1;
    if (nal.length <= MAX_PAYLOAD) {
      packets.push(Buffer.concat([header(state, ticks, last), nal]));
      continue;
    }
    const type = nal[0]! & 0x1f;
    const indicator = (nal[0]! & 0xe0) | 28;
    for (let at = 1; at < nal.length; at += MAX_PAYLOAD - 2) {
      const part = nal.subarray(at, at + MAX_PAYLOAD - 2);
      const end = at + part.length === nal.length;
      const fragment = Buffer.from([indicator, (at === 1 ? 0x80 : 0) | (end ? 0x40 : 0) | type]);
      packets.push(Buffer.concat([header(state, ticks, last && end), fragment, part]));
    }
  }
  return packets;
}
