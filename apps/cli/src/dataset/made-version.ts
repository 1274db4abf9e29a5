import type { JobDetail } from "../server/jobs.ts";
import { placeText, type ServerPlace } from "../place/place.ts";
import { listDatasets } from "../server/datasets.ts";
import { z } from "zod";

/** What the outcomes of collecting and of importing have in common. */
const resultSchema = z.object({
  duplicates: z.number().int(),
  warnings: z.array(z.string()).default([]),
});

const SHOWN_WARNINGS = 5;

/** What a job of a data set has made, as a document and for people. */
export async function madeVersion(place: ServerPlace, datasetId: string, job: JobDetail): Promise<{ document: object; text: string }> {
  const { duplicates, warnings } = resultSchema.parse(job.result);
  const dataset = (await listDatasets(place.api)).find(({ id }) => id === datasetId);
  const [version] = dataset?.versions ?? [];
  return {
    document: { dataset: dataset?.name, version, duplicates, warnings },
    text: madeText(placeText(place), {
      ref: `${dataset?.name}@${version?.version}`,
      images: version?.imageCount ?? 0,
      labels: version?.labelCount ?? 0,
      duplicates,
      warnings,
    }),
  };
}

export function madeText(
  where: string,
  made: { ref: string; images: number; labels: number; duplicates: number; warnings: readonly string[] },
): string {
  const { ref, images, labels, duplicates, warnings } = made;
  const lines = [
    where,
    `${ref}: ${images} images${labels > 0 ? `, ${labels} labels` : ""}${duplicates > 0 ? `; ${duplicates} that look like another were left out` : ""}`,
    ...warnings.slice(0, SHOWN_WARNINGS).map((warning) => `warning: ${warning}`),
  ];
  if (warnings.length > SHOWN_WARNINGS) lines.push(`and ${warnings.length - SHOWN_WARNINGS} warnings more (--json lists all)`);
  lines.push(`How it is spread: octet dataset stats "${ref}"`);
  return lines.join("\n");
}
