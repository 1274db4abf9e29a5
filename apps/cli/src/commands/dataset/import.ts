import { datasetKindSchema, datasetLayoutSchema } from "@octet/shared/domain/dataset";
import { type Command, Option } from "commander";
import type { CommandContext } from "../../context.ts";
import type { ImportOptions } from "../../dataset/import-dataset.ts";
import { openPlace, type PlaceOptions, withWait } from "../../place/open-place.ts";

/** `octet dataset import PATH…` */
export function addDatasetImport(dataset: Command, context: CommandContext): void {
  withWait(
    dataset
      .command("import")
      .description("Read a folder, a zip archive or image files as a version of a data set (docs/evaluation.md: layouts)"),
  )
    .argument("<paths...>", "one folder, one zip archive, or image files")
    .requiredOption("--name <name>", "of the data set; one that is there gets another version")
    .addOption(new Option("--layout <layout>", "images alone, or a labelled set's").choices(datasetLayoutSchema.options).default("images"))
    .addOption(new Option("--kind <kind>", "calibration for images alone, else validation").choices(datasetKindSchema.options))
    .option("--images <folder>", "where the images are in it (where the layout has them, unless given)")
    .option("--ground-truth <path>", "where the labels are in it (where the layout has them, unless given)")
    .action(
      context.action(async (paths: string[], options: ImportOptions & PlaceOptions) => {
        const { runImport } = await import("../../dataset/import-dataset.ts");
        return runImport(context, await openPlace(context, options), paths, options);
      }),
    );
}
