import { z } from "zod";
import { estimated, type Figure, published } from "./figure.ts";

export const codecs = ["h264", "hevc", "av1"] as const;
export const codecSchema = z.enum(codecs);
export type Codec = z.infer<typeof codecSchema>;

export const codecNames: Readonly<Record<Codec, string>> = { h264: "H.264", hevc: "H.265 (HEVC)", av1: "AV1" };

/** GA100 (A100) has Turing's decoder, not that of the other Ampere chips. */
export type NvdecGeneration = "turing" | "ga100" | "ampere" | "ada" | "hopper" | "blackwell" | "orin";

const sdk = "NVIDIA Video Codec SDK 13.0, NVDEC application note";
const byClock = `${sdk}: Turing's rates scaled by clock`;
const noAv1Rate = "no rate published: taken as the generation's H.264 rate";

/**
 * 1080p frames/s of one engine, 8 bit 4:2:0. A codec that is absent has no decoder in that generation (AV1 came with
 * GA10x). Orin's modules have figures of their own.
 */
export const nvdecRates: Readonly<Record<NvdecGeneration, Partial<Record<Codec, Figure>>>> = {
  turing: { h264: published(771, sdk), hevc: published(1316, sdk) },
  ga100: { h264: estimated(771, byClock), hevc: estimated(1316, byClock) },
  ampere: { h264: published(748, sdk), hevc: published(1415, sdk), av1: estimated(748, noAv1Rate) },
  ada: { h264: published(903, sdk), hevc: published(1641, sdk), av1: estimated(903, noAv1Rate) },
  hopper: { h264: estimated(771, byClock), hevc: estimated(1316, byClock) },
  blackwell: { h264: published(2172, sdk), hevc: published(1872, sdk), av1: estimated(2172, noAv1Rate) },
  orin: {},
};
