import type { Command } from "commander";
import type { CommandContext } from "../../context.ts";
import { datasetsTable } from "../../dataset/datasets-table.ts";
import { listDatasetsOf } from "../../dataset/list-datasets.ts";
import { exitCodes } from "../../output/output.ts";
import { openPlace, type PlaceOptions, withPlace } from "../../place/open-place.ts";
import { placeText, whereOf } from "../../place/place.ts";

/** `octet dataset list` */
export function addDatasetList(dataset: Command, context: CommandContext): void {
  withPlace(dataset.command("list").description("Data sets and their versions, newest first")).action(
    context.action(async (options: PlaceOptions) => {
      const place = await openPlace(context, options);
      const { datasets, rows } = await listDatasetsOf(place);
      context.output.result({ ...whereOf(place), datasets }, () => `${placeText(place)}\n\n${datasetsTable(rows)}`);
      return exitCodes.done;
    }),
  );
}
