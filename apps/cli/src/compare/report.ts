import { table } from "../output/table.ts";
import { count } from "../output/units.ts";
import type { ComparedValue, Comparison } from "./compare-models.ts";

const WORST = 15;

const decibels = ({ sqnrDb, identical }: ComparedValue) => (identical ? "same" : sqnrDb === null ? "–" : sqnrDb.toFixed(1));

function values(title: string, rows: readonly ComparedValue[], empty: string): string {
  return table(
    rows,
    [
      { title, of: ({ name }) => name },
      { title: "OP", of: ({ opType }) => opType },
      { title: "SQNR dB", of: decibels, align: "right" },
      { title: "COSINE", of: ({ cosine }) => cosine?.toFixed(6) ?? "–", align: "right" },
      { title: "MAX |Δ|", of: ({ maxAbs }) => maxAbs.toPrecision(3), align: "right" },
    ],
    empty,
  );
}

/** For a person: outputs, the layers with the most noise, and what became of the detections. */
export function comparisonText({ images, outputs, layers, detections, warning }: Comparison): string {
  const noisy = [...layers].filter(({ identical }) => !identical).sort((a, b) => (a.sqnrDb ?? -Infinity) - (b.sqnrDb ?? -Infinity));
  return [
    `over ${count(images, "image")}`,
    values("OUTPUT", outputs, "no outputs in common"),
    `${count(layers.length, "inner value")} in common, ${layers.length - noisy.length} the same${noisy.length > WORST ? `; the ${WORST} with the most noise` : ""}`,
    ...(noisy.length > 0 ? [values("LAYER", noisy.slice(0, WORST), "")] : []),
    ...(detections ? [detectionsText(detections)] : []),
    ...(warning ? [`warning: ${warning}`] : []),
  ].join("\n\n");
}

function detectionsText({ matched, onlyA, onlyB, meanIou, meanScoreDelta, maxScoreDelta }: NonNullable<Comparison["detections"]>): string {
  const shift =
    meanIou === null
      ? ""
      : `, mean IoU ${meanIou.toFixed(3)}, score ${meanScoreDelta! >= 0 ? "+" : "−"}${Math.abs(meanScoreDelta!).toFixed(4)} on average, ${maxScoreDelta!.toFixed(4)} at most`;
  return `detections: ${matched} of ${matched + onlyA} in both${shift}; ${onlyA} only in the first, ${onlyB} only in the second`;
}
