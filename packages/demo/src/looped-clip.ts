import { AppError } from "@octet/shared/errors";
import { AV_CODEC_ID_H264, AV_NOPTS_VALUE, AVMEDIA_TYPE_VIDEO } from "node-av/constants";
import { FormatContext, Packet, type Stream } from "node-av/lib";

/** One picture. */
export interface AccessUnit {
  nals: Buffer[];
  key: boolean;
  /** Presentation and decoding time from the clip's start, ms. */
  ptsMs: number;
  dtsMs: number;
}

/** An H.264 clip in memory, as an endless stream: unit number `n` lies in loop `n / length`. */
export class LoopedClip {
  readonly units: AccessUnit[];
  readonly durationMs: number;
  readonly sps: Buffer;
  readonly pps: Buffer;
  readonly fps: number;

  private constructor(units: AccessUnit[], durationMs: number, sps: Buffer, pps: Buffer, fps: number) {
    this.units = units;
    this.durationMs = durationMs;
    this.sps = sps;
    this.pps = pps;
    this.fps = fps;
  }

  /** @throws AppError BAD_INPUT where the file is not an H.264 recording that begins with a key frame */
  static async load(file: string): Promise<LoopedClip> {
    const format = new FormatContext();
    format.allocContext();
    try {
      if ((await format.openInput(`file:${file}`)) < 0 || (await format.findStreamInfo()) < 0)
        throw new AppError("BAD_INPUT", `${file} cannot be opened`);
      const stream = format.streams[format.findBestStream(AVMEDIA_TYPE_VIDEO)];
      if (stream?.codecpar.codecId !== AV_CODEC_ID_H264) throw new AppError("BAD_INPUT", `${file} is not H.264`);
      // Also converts Annex B, of a raw stream.
      const { sps, pps } = parseAvcc(stream.codecpar.getDecoderConfigurationRecord());
      const units = await readUnits(format, stream);
      if (!units[0]?.key) throw new AppError("BAD_INPUT", `${file} does not begin with a key frame`);
      const fps = stream.avgFrameRate.num / stream.avgFrameRate.den || 25;
      const durationMs = Math.max(...units.map((unit) => unit.ptsMs)) + 1000 / fps;
      return new LoopedClip(units, durationMs, sps, pps, fps);
    } finally {
      await format.closeInput();
    }
  }

  /** Time of unit `n` since the stream's start, ms. */
  timeOf(n: number): { dtsMs: number; ptsMs: number } {
    const unit = this.units[n % this.units.length]!;
    const loopMs = Math.floor(n / this.units.length) * this.durationMs;
    return { dtsMs: loopMs + unit.dtsMs, ptsMs: loopMs + unit.ptsMs };
  }

  /** The key frame that a viewer who comes at `timeMs` starts with. */
  keyBefore(timeMs: number): number {
    const loop = Math.max(0, Math.floor(timeMs / this.durationMs));
    const within = timeMs - loop * this.durationMs;
    const index = this.units.findLastIndex((unit) => unit.key && unit.dtsMs <= within);
    return loop * this.units.length + Math.max(0, index);
  }
}

async function readUnits(format: FormatContext, stream: Stream): Promise<AccessUnit[]> {
  const msPerTick = (1000 * stream.timeBase.num) / stream.timeBase.den;
  const lengthPrefixed = stream.codecpar.extradata?.[0] === 1;
  const raw: { data: Buffer; key: boolean; pts: bigint; dts: bigint }[] = [];
  const packet = new Packet();
  packet.alloc();
  while ((await format.readFrame(packet)) >= 0) {
    if (packet.streamIndex === stream.index && packet.data) {
      const pts = packet.pts === AV_NOPTS_VALUE ? packet.dts : packet.pts;
      raw.push({ data: Buffer.from(packet.data), key: packet.isKeyframe, pts, dts: packet.dts === AV_NOPTS_VALUE ? pts : packet.dts });
    }
    packet.unref();
  }
  packet.free();
  // biome-ignore lint/complexity/useMathMinMax: Math.min does not take bigints
  const start = raw.reduce((least, unit) => (unit.dts < least ? unit.dts : least), raw[0]?.dts ?? 0n);
  return raw.map((unit) => ({
    nals: lengthPrefixed ? splitLengthPrefixed(unit.data) : splitAnnexB(unit.data),
    key: unit.key,
    ptsMs: Number(unit.pts - start) * msPerTick,
    dtsMs: Number(unit.dts - start) * msPerTick,
  }));
}

function splitLengthPrefixed(data: Buffer): Buffer[] {
  const nals: Buffer[] = [];
  for (let at = 0; at + 4 <= data.length; ) {
    const length = data.readUInt32BE(at);
    nals.push(data.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return nals.filter((nal) => nal.length > 0);
}

function splitAnnexB(data: Buffer): Buffer[] {
  const starts: number[] = [];
  for (let i = 0; i + 2 < data.length; i++) if (data[i] === 0 && data[i + 1] === 0 && data[i + 2] === 1) starts.push(i + 3);
  return starts
    .map((start, i) => {
      let end = starts[i + 1] === undefined ? data.length : starts[i + 1]! - 3;
      while (end > start && data[end - 1] === 0) end--;
      return data.subarray(start, end);
    })
    .filter((nal) => nal.length > 0);
}

/** First SPS and PPS of an avcC record (ISO 14496-15). */
function parseAvcc(avcc: Buffer | null): { sps: Buffer; pps: Buffer } {
  if (avcc?.[0] !== 1 || (avcc[5]! & 31) === 0) throw new AppError("BAD_INPUT", "The clip has no H.264 parameter sets");
  const spsLength = avcc.readUInt16BE(6);
  const ppsAt = 8 + spsLength + 1;
  return {
    sps: Buffer.from(avcc.subarray(8, 8 + spsLength)),
    pps: Buffer.from(avcc.subarray(ppsAt + 2, ppsAt + 2 + avcc.readUInt16BE(ppsAt))),
  };
}
