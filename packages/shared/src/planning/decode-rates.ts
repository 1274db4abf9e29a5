import { AppError } from "../errors.ts";
import { type Figure, leastCertain } from "./figure.ts";
import type { Fleet } from "./fleet.ts";
import { type FrameSize, fullHd, pixels, sizeName } from "./frame-size.ts";
import type { Gpu } from "./gpu.ts";
import { type Codec, codecNames, codecs, nvdecRates } from "./nvdec.ts";

/** Frames/s of one engine at 1080p and the published clock; null where it cannot decode the codec. */
export function engineDecodeRate({ decoder }: Gpu, codec: Codec): Figure | null {
  if (decoder.rates) return decoder.rates[codec] ?? null;
  return decoder.generation === "software" ? null : (nvdecRates[decoder.generation][codec] ?? null);
}

/**
 * Frames/s that the whole device decodes: engines × rate × clock, in proportion to the pixels of a frame, which the
 * engine's time follows (Video Codec SDK). Independent of the precision: NVDEC writes 8-bit pixels.
 * @param size of the stream as it is coded: an engine decodes every pixel of it, whatever is made of it after
 * @throws AppError UNSUPPORTED where the device has no decoder for the codec, and none was measured
 */
export function decodeRate(gpu: Gpu, codec: Codec, size: FrameSize, fleet: Fleet): Figure {
  const own =
    fleet.decode.find((run) => run.codec === codec && pixels(run.size) === pixels(size)) ?? fleet.decode.find((run) => run.codec === codec);
  if (own) {
    const same = pixels(own.size) === pixels(size);
    return {
      value: own.framesPerSecond * (pixels(own.size) / pixels(size)),
      source: same ? "measured" : "estimated",
      from: same ? own.from : `${own.from}, scaled from ${sizeName(own.size)}`,
    };
  }
  const engine = engineDecodeRate(gpu, codec);
  if (!engine) {
    const able = codecs.filter((other) => engineDecodeRate(gpu, other));
    throw new AppError("UNSUPPORTED", `${gpu.name} has no decoder for ${codecNames[codec]}`, {
      hint:
        able.length > 0 ? `It decodes ${able.map((other) => codecNames[other]).join(" and ")}.` : "Give the rate that was measured on it.",
    });
  }
  const { engines, clockRatio } = gpu.decoder;
  const same = pixels(size) === pixels(fullHd);
  return {
    value: engines.value * engine.value * clockRatio.value * (pixels(fullHd) / pixels(size)),
    source: leastCertain(engine.source, engines.source, clockRatio.source, same ? "measured" : "estimated"),
    from: `${engines.value} × ${engine.value.toFixed(0)} at 1080p (${engine.from})${same ? "" : ", scaled by pixels"}`,
  };
}
