import { engineDecodeRate } from "./decode-rates.ts";
import type { Figure } from "./figure.ts";
import { codecNames } from "./nvdec.ts";
import type { Site } from "./site.ts";

export interface NamedFigure extends Figure {
  name: string;
  unit: string;
}

/** The figures that a plan rests on. */
export function namedFigures({ gpu, model, input, kinds, decode, inference }: Site): NamedFigure[] {
  const used = [...new Set(kinds.map(({ kind }) => kind.codec))];
  const engines = used.flatMap((codec) => {
    const rate = engineDecodeRate(gpu, codec);
    const name = `decode rate of one engine at 1080p${used.length > 1 ? `, ${codecNames[codec]}` : ""}`;
    return rate ? [{ name, unit: "frames/s", ...rate }] : [];
  });
  const peak = gpu.peak?.[input.precision];
  return [
    ...(engines.length > 0
      ? [
          { name: "decoder engines", unit: "", ...gpu.decoder.engines },
          { name: "decoder clock ratio", unit: "×", ...gpu.decoder.clockRatio },
          ...engines,
        ]
      : []),
    { name: "decode rate", unit: "frames/s", ...decode },
    ...(peak ? [{ name: `peak, ${input.precision.toUpperCase()} dense`, unit: "operations/s", ...peak }] : []),
    { name: "inference rate, sustained", unit: "frames/s", ...inference.sustained },
    { name: "inference rate, batches alone", unit: "frames/s", ...inference.engine },
    { name: "memory", unit: "bytes", ...gpu.memoryBytes },
    ...(gpu.systemBytes.value > 0 ? [{ name: "memory that the system keeps", unit: "bytes", ...gpu.systemBytes }] : []),
    { name: "memory bandwidth", unit: "bytes/s", ...gpu.bandwidth },
    { name: "model parameters", unit: "", ...model.parameters },
    { name: "operations an image", unit: "", ...model.operations },
    { name: "efficiency beside a dense model's", unit: "×", ...model.efficiency },
    { name: "activations alive an image", unit: "elements", ...model.liveElements },
    ...(gpu.powerWatts ? [{ name: "power", unit: "W", ...gpu.powerWatts }] : []),
  ];
}
