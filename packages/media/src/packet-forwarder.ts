import { AV_NOPTS_VALUE } from "node-av/constants";
import type { Packet, Stream } from "node-av/lib";
import type { PacketChunk } from "./source-types.ts";

/** Most bytes of encoded pictures kept since the last key frame. */
const MAX_BYTES = 4 * 1024 * 1024;

type VideoPacket = PacketChunk["packets"][number];

/** Forwards the encoded packets of one opened stream, starting with the group of pictures under way. */
export class PacketForwarder implements Disposable {
  readonly #chunk: Omit<PacketChunk, "packets"> | null;
  readonly #parameterSets: Uint8Array | null;
  readonly #send: (chunk: PacketChunk) => void;
  #cache: { packet: Packet; ptsMs: number }[] = [];
  #cachedBytes = 0;
  #on = false;
  /** False until a key frame was forwarded: nothing before it could be decoded. */
  #begun = false;

  constructor(streamId: string, stream: Stream, send: (chunk: PacketChunk) => void) {
    const { codecpar } = stream;
    const codec = codecpar.getCodecString();
    const extradata = codecpar.extradata;
    // avcC, hvcC and av1C begin with their version or marker, Annex B with a start code of zeroes.
    const annexB = extradata === null || extradata[0] === 0;
    // WebCodecs has no decoder for MJPEG and its like.
    const supported = codec !== null && /^(avc|hvc|hev|vp0?[89]|av01)/.test(codec);
    this.#chunk = supported
      ? { streamId, codec, description: annexB ? null : Uint8Array.from(extradata), width: codecpar.width, height: codecpar.height }
      : null;
    this.#parameterSets = annexB && extradata && /^(avc|hvc|hev)/.test(codec ?? "") ? Uint8Array.from(extradata) : null;
    this.#send = send;
  }

  set on(value: boolean) {
    if (value && !this.#on) this.#begun = false;
    this.#on = value;
    if (value && !this.#begun && this.#cache.length > 0)
      this.#forward(this.#cache.map((entry) => this.#toVideoPacket(entry.packet, entry.ptsMs)));
  }

  push(packet: Packet, ptsMs: number): void {
    if (!this.#chunk) return;
    const key = packet.isKeyframe;
    if (key) this.#clear();
    // A group that does not fit is given up until the next key frame.
    if (key || this.#cache.length > 0) {
      const clone = this.#cachedBytes + packet.size <= MAX_BYTES ? packet.clone() : null;
      if (clone) {
        this.#cache.push({ packet: clone, ptsMs });
        this.#cachedBytes += packet.size;
      } else this.#clear();
    }
    if (this.#on && (key || this.#begun)) this.#forward([this.#toVideoPacket(packet, ptsMs)]);
  }

  #forward(packets: VideoPacket[]): void {
    this.#begun = true;
    this.#send({ ...this.#chunk!, packets });
  }

  #toVideoPacket(packet: Packet, ptsMs: number): VideoPacket {
    const bytes = packet.data ?? new Uint8Array();
    const key = packet.isKeyframe;
    // Some cameras send their parameter sets in the SDP only; a browser's decoder needs them in the stream.
    const prefix = key && this.#parameterSets && !startsWithParameterSet(bytes) ? this.#parameterSets : new Uint8Array();
    const data = new Uint8Array(prefix.length + bytes.length);
    data.set(prefix);
    data.set(bytes, prefix.length);
    return { ptsMs, key, data };
  }

  #clear(): void {
    for (const entry of this.#cache) entry.packet.free();
    this.#cache = [];
    this.#cachedBytes = 0;
  }

  [Symbol.dispose](): void {
    this.#on = false;
    this.#clear();
  }
}

/** Whether one of the first NAL units of an Annex B access unit is an SPS (H.264) or VPS/SPS (HEVC). */
export function startsWithParameterSet(bytes: Uint8Array): boolean {
  for (let i = 0; i + 3 < Math.min(bytes.length, 256); i++) {
    if (bytes[i] !== 0 || bytes[i + 1] !== 0 || bytes[i + 2] !== 1) continue;
    const header = bytes[i + 3]!;
    // H.264 SPS 0x67/0x47/0x27; HEVC VPS (32) and SPS (33) with layer 0: 0x40, 0x42.
    if ((header & 0x9f) === 0x07 || header === 0x40 || header === 0x42) return true;
  }
  return false;
}

/** Presentation time of a packet in its time base; its decoding time where it has none; null without either. */
export function packetTime(packet: Packet): bigint | null {
  if (packet.pts !== AV_NOPTS_VALUE) return packet.pts;
  return packet.dts === AV_NOPTS_VALUE ? null : packet.dts;
}
