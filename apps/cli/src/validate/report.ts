import type { DetectionDataset } from "@octet/vision/dataset/dataset";
import type { Accuracy } from "@octet/vision/evaluate/accuracy";
import type { OperatingPoint } from "@octet/vision/evaluate/operating-point";
import { widerSubsets } from "@octet/vision/evaluate/wider";
import { table } from "../output/table.ts";
import { count } from "../output/units.ts";

const round = (value: number | null, digits = 6) => (value === null ? null : Number(value.toFixed(digits)));
const percent = (value: number | null) => (value === null ? "–" : (value * 100).toFixed(2));

/** The figures as the JSON document has them, fractions from 0 to 1. */
export function accuracyReport({ wider, coco, atThreshold, atBestF1 }: Accuracy) {
  const point = (values: OperatingPoint) => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, round(value)]));
  return {
    wider: wider && Object.fromEntries(widerSubsets.map((subset) => [subset, { ...wider[subset], ap: round(wider[subset].ap) }])),
    coco: {
      ap: round(coco.ap),
      ap50: round(coco.ap50),
      ap75: round(coco.ap75),
      apSmall: round(coco.apByArea.small),
      apMedium: round(coco.apByArea.medium),
      apLarge: round(coco.apByArea.large),
      ar: round(coco.ar),
      maxDetections: Number.isFinite(coco.maxDetections) ? coco.maxDetections : null,
    },
    atThreshold: point(atThreshold),
    atBestF1: atBestF1 && point(atBestF1),
  };
}

/** AP in percent, then the rates at the two thresholds. */
export function accuracyText({ wider, coco, atThreshold, atBestF1 }: Accuracy): string {
  const figures: [name: string, ap: number | null, objects: string][] = [
    ...(wider ? widerSubsets.map((subset) => [subset, wider[subset].ap, `${wider[subset].faces}`] as [string, number | null, string]) : []),
    ["IoU 0.50–0.95", coco.ap, ""],
    ["IoU 0.50", coco.ap50, ""],
    ["IoU 0.75", coco.ap75, ""],
    ["small", coco.apByArea.small, ""],
    ["medium-sized", coco.apByArea.medium, ""],
    ["large", coco.apByArea.large, ""],
  ];
  const points = [atThreshold, ...(atBestF1 ? [atBestF1] : [])].map((point, index) => ({ name: index === 0 ? "asked" : "best F1", point }));
  const rate = (title: string, of: (point: OperatingPoint) => string) => ({
    title,
    of: ({ point }: (typeof points)[number]) => of(point),
    align: "right" as const,
  });
  return [
    table(
      figures,
      [
        { title: "", of: ([name]) => name },
        { title: "AP %", of: ([, ap]) => percent(ap), align: "right" },
        { title: "FACES", of: ([, , objects]) => objects, align: "right" },
      ],
      "",
    ),
    "",
    table(
      points,
      [
        { title: "THRESHOLD", of: ({ name }) => name },
        rate("SCORE", ({ threshold }) => threshold.toFixed(3)),
        rate("PRECISION %", ({ precision }) => percent(precision)),
        rate("RECALL %", ({ recall }) => percent(recall)),
        rate("MISS %", ({ missRate }) => percent(missRate)),
        rate("FP/IMAGE", ({ falsePositivesPerImage }) => falsePositivesPerImage?.toFixed(3) ?? "–"),
        rate("FP/(TP+FP) %", ({ falseDiscoveryRate }) => percent(falseDiscoveryRate)),
        rate("F1 %", ({ f1 }) => percent(f1)),
      ],
      "",
    ),
  ].join("\n");
}

const SHOWN_WARNINGS = 5;

/** How much of the set was evaluated, and what is odd in it. */
export function datasetText({ images, total, missing, warnings }: DetectionDataset): string {
  const lines = [`${count(images.length, "image")} of ${total}${images.length < total ? ": the figures are of this subset" : ""}`];
  if (missing.length > 0) lines.push(`${count(missing.length, "image")} not in the folder, such as ${missing[0]}`);
  for (const { file, line, message } of warnings.slice(0, SHOWN_WARNINGS))
    lines.push(`warning: ${file}${line === null ? "" : `, line ${line}`}: ${message}`);
  if (warnings.length > SHOWN_WARNINGS) lines.push(`and ${count(warnings.length - SHOWN_WARNINGS, "warning")} more (--json lists all)`);
  return lines.join("\n");
}
