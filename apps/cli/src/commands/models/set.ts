import { AppError } from "@octet/shared/errors";
import type { Command } from "commander";
import type { CommandContext } from "../../context.ts";
import { modelText } from "../../models/model-text.ts";
import { exitCodes } from "../../output/output.ts";
import { openApi } from "../../server/open-api.ts";

interface Options {
  name?: string;
  notes?: string;
  licence?: string;
  licenceNote?: string;
  origin?: string;
}

/** `octet models set MODEL`: what is not given stays as it is. Of a server alone: a workspace's profiles hold copies. */
export function addModelsSet(models: Command, context: CommandContext): void {
  models
    .command("set")
    .description("Change what a server says of a model; what is not given stays")
    .argument("<model>", "its name, id or sha256")
    .option("--json", "one JSON document on stdout")
    .option("--name <name>", "what people call it")
    .option("--licence <name>", "such as MIT")
    .option("--licence-note <text>", "what one must know of its licence")
    .option("--origin <text>", "where it comes from")
    .option("--notes <text>", "for people")
    .action(
      context.action(async (text: string, { name, notes, licence, licenceNote, origin }: Options) => {
        const stated = given({ name: licence, note: licenceNote, origin });
        const changes = given({ name, notes });
        if (Object.keys({ ...stated, ...changes }).length === 0)
          throw new AppError("BAD_INPUT", "Nothing was given to change", { hint: "See `octet models set --help`." });
        const [{ findModel, serverModelSchema }, api] = await Promise.all([import("../../server/models.ts"), openApi(context)]);
        const before = await findModel(api, text);
        const patch = { ...changes, ...(Object.keys(stated).length === 0 ? {} : { licence: { ...before.licence, ...stated } }) };
        const model = await api.mutate("models.update", { id: before.id, patch }, serverModelSchema);
        context.output.result({ server: api.url, model }, () => modelText(model));
        return exitCodes.done;
      }),
    );
}

const given = (fields: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined));
