import { weightBitsText } from "@octet/shared/domain/weight-bits";
import { clippedTo } from "./distribution";
import { decibels, percentOf, short } from "./look";
import type { Activation, Report, Weight } from "./report";
import type { BrowsedTensor } from "./tensor-browser";

/** Activations with the chosen range, those first that lose most to clipping. Not every method keeps histograms. */
export const activationTensors = (activations: readonly Activation[]): BrowsedTensor[] =>
  activations
    .toSorted((a, b) => (b.clippedShare ?? -1) - (a.clippedShare ?? -1))
    .map(({ value, range, observed, scale, zeroPoint, dataType, clippedShare, histogram }) => ({
      name: value,
      figure: clippedShare === null ? `${short(range.min)} … ${short(range.max)}` : `${percentOf(clippedShare, 3)} clipped`,
      distribution: histogram && { before: histogram, after: clippedTo(histogram, range), range },
      facts: [
        ["Chosen range", `${short(range.min)} … ${short(range.max)}`],
        ["Seen in calibration", observed ? `${short(observed.min)} … ${short(observed.max)}` : "–"],
        ["Clipped", percentOf(clippedShare, 4)],
        ["Scale", short(scale)],
        ["Zero point", String(zeroPoint)],
        ["Type", dataType],
      ],
    }));

/** Weights of a layer before and after, worst SQNR first. */
export const weightTensors = (weights: readonly Weight[]): BrowsedTensor[] =>
  [...weights]
    .sort((a, b) => a.sqnrDb - b.sqnrDb)
    .map(({ name, channels, bits, before, after, sqnrDb, scaleMin, scaleMax }) => ({
      name,
      figure: decibels(sqnrDb),
      distribution: { before, after, range: null },
      facts: [
        ["SQNR", decibels(sqnrDb)],
        ["Channels", String(channels)],
        ["Bits", String(bits)],
        ["Smallest scale", short(scaleMin)],
        ["Largest scale", short(scaleMax)],
      ],
    }));

/** What was done, in a line. */
export const methodOf = ({ method, refinement, weightBits, calibration, headSqnrDb, detectionSqnrDb, layers }: Report): string => {
  const integer = layers.filter(({ precision }) => precision === "int8").length;
  return [
    `${integer} of ${layers.length} layers are INT8`,
    `ranges by ${method} from ${calibration.images} images`,
    refinement === "none" ? "no refinement" : refinement,
    weightBitsText(weightBits),
    detectionSqnrDb === null ? null : `SQNR ${decibels(detectionSqnrDb)} of the detections`,
    headSqnrDb === null ? null : `${decibels(headSqnrDb)} at the heads`,
  ]
    .filter((part) => part !== null)
    .join(", ");
};
