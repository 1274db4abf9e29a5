import type { Bin, Coverage } from "@octet/shared/domain/coverage";
import { count } from "../output/units.ts";

/** How a version is spread, for people. */
export interface ShownCoverage {
  coverage: Coverage;
  /** Objects by class, most first. */
  classes: readonly Bin[];
  warnings: readonly string[];
  leaks: readonly { dataset: string; version: number; images: readonly string[] }[];
}

const BAR = 30;
const SHOWN_LEAKS = 3;

export function coverageText({ coverage, classes, warnings, leaks }: ShownCoverage): string {
  const { images, cameras, brightness, hours, timeZone, faces, faceSizes } = coverage;
  const parts = [
    count(images, "image"),
    plot("cameras", cameras),
    plot("brightness", brightness),
    plot(`hour, ${timeZone}`, hours),
    plot("objects an image", faces),
    plot("object height of the image's", faceSizes),
    plot("objects by class", classes),
    ...warnings.map((warning) => `warning: ${warning}`),
    ...leaks.map(
      ({ dataset, version, images: both }) =>
        `warning: ${count(both.length, "image")} in ${dataset}@${version} too: ${both.slice(0, SHOWN_LEAKS).join(", ")}${both.length > SHOWN_LEAKS ? ", …" : ""}`,
    ),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

function plot(title: string, bins: readonly Bin[]): string {
  if (bins.length === 0) return "";
  const most = Math.max(1, ...bins.map((bin) => bin.count));
  const width = Math.max(...bins.map(({ label }) => label.length));
  const digits = String(most).length;
  const rows = bins.map(
    ({ label, count: number }) =>
      `  ${label.padEnd(width)}  ${String(number).padStart(digits)}  ${"#".repeat(number === 0 ? 0 : Math.max(1, Math.round((number / most) * BAR)))}`,
  );
  return [title, ...rows.map((row) => row.trimEnd())].join("\n");
}
