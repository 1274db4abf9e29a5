import { readingSchema } from "@octet/shared/domain/dataset";
import { ownTimeZone } from "@octet/shared/domain/time-zone";
import type { Command } from "commander";
import type { CommandContext } from "../../context.ts";
import { coverageText, type ShownCoverage } from "../../dataset/coverage-text.ts";
import { exitCodes } from "../../output/output.ts";
import { openPlace, type PlaceOptions, withPlace } from "../../place/open-place.ts";
import { type Place, placeText, whereOf } from "../../place/place.ts";

/** `octet dataset stats NAME[@VERSION]`: how a version is spread, and what is wrong with that. */
export function addDatasetStats(dataset: Command, context: CommandContext): void {
  withPlace(
    dataset
      .command("stats")
      .description(
        "How a data set is spread over cameras, light, hours and objects; where that is thin; what is in a set of the other kind too",
      ),
  )
    .argument("<dataset>", "its name, or NAME@2 for a version that is not the newest")
    .action(
      context.action(async (ref: string, options: PlaceOptions) => {
        const place = await openPlace(context, options);
        const { name, version, ...shown } = await statsOf(place, ref);
        context.output.result({ ...whereOf(place), dataset: name, version, ...shown }, () =>
          [placeText(place), `${name}@${version}: ${coverageText(shown)}`].join("\n"),
        );
        return exitCodes.done;
      }),
    );
}

async function statsOf(place: Place, ref: string): Promise<ShownCoverage & { name: string; version: number; sha256: string }> {
  if (place.kind === "server") {
    const { findVersion, versionDetailSchema } = await import("../../server/datasets.ts");
    const { dataset, version } = await findVersion(place.api, ref);
    const { coverage, warnings, leaks } = await place.api.query(
      "datasets.version",
      { versionId: version.id, timeZone: ownTimeZone() },
      versionDetailSchema,
    );
    const { classes } = readingSchema.parse(version.origin);
    return { name: dataset.name, version: version.version, sha256: version.manifestSha256, coverage, classes, warnings, leaks };
  }
  const { findLocalVersion } = await import("@octet/precision/workspace/dataset-store");
  const { coverageOfLocal } = await import("@octet/precision/workspace/local-coverage");
  const { facts } = await findLocalVersion(place.folder, ref);
  return {
    name: facts.dataset,
    version: facts.version,
    sha256: facts.manifest.sha256,
    classes: readingSchema.parse(facts.origin).classes,
    ...(await coverageOfLocal(place.folder, facts, ownTimeZone())),
  };
}
