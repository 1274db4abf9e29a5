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
export function comparisonText({ images, outputs, layers, detections }: Comparison): string {
  const noisy = [...layers].filter(({ identical }) => !identical).sort((a, b) => (a.sqnrDb ?? -Infinity) - (b.sqnrDb ?? -Infinity));
  const found = detections.matched + detections.onlyA;
  const shift =
    detections.meanIou === null
      ? ""
      : `, mean IoU ${detections.meanIou.toFixed(3)}, score ${detections.meanScoreDelta! >= 0 ? "+" : "−"}${Math.abs(detections.meanScoreDelta!).toFixed(4)} on average, ${detections.maxScoreDelta!.toFixed(4)} at most`;
  return [
    `over ${count(images, "image")}`,
    values("OUTPUT", outputs, "no outputs in common"),
    `${count(layers.length, "inner value")} in common, ${layers.length - noisy.length} the same${noisy.length > WORST ? `; the ${WORST} with the most noise` : ""}`,
    ...(noisy.length > 0 ? [values("LAYER", noisy.slice(0, WORST), "")] : []),
    `detections: ${detections.matched} of ${found} in both${shift}; ${detections.onlyA} only in the first, ${detections.onlyB} only in the second`,
  ].join("\n\n");
}
