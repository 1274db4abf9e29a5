import { type Coverage, coverageOf, imagesInBoth, thinCoverage } from "@octet/shared/domain/coverage";
import { listLocalVersions, type LocalVersion } from "./dataset-store.ts";

export interface LocalCoverage {
  coverage: Coverage;
  warnings: string[];
  /** Images that are in a set of the other kind too, by version of it. */
  leaks: { dataset: string; version: number; images: string[] }[];
}

/** How a version is spread, and what of it is in a set of the other kind too. @param timeZone IANA name; default UTC */
export async function coverageOfLocal(workspace: string, facts: LocalVersion, timeZone?: string): Promise<LocalCoverage> {
  const coverage = coverageOf(facts.images, (id) => id, timeZone);
  const others = (await listLocalVersions(workspace)).filter(({ kind }) => kind !== facts.kind);
  return {
    coverage,
    warnings: facts.kind === "calibration" ? thinCoverage(coverage) : [],
    leaks: others.flatMap(({ dataset, version, images }) => {
      const both = imagesInBoth(facts.images, images);
      return both.length === 0 ? [] : [{ dataset, version, images: both }];
    }),
  };
}
