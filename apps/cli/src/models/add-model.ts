import path from "node:path";
import { checkModelFile } from "@octet/inference/file-check";
import { defaultModelPath } from "@octet/inference/builtin-models";
import type { CommandContext } from "../context.ts";
import { runJob } from "../jobs/run-job.ts";
import { startJobProgress } from "../output/job-progress.ts";
import { exitCodes } from "../output/output.ts";
import { type Place, placeText, type ServerPlace, whereOf, type WorkspacePlace } from "../place/place.ts";
import { addedModelSchema, listModels } from "../server/models.ts";
import { toolName } from "../tool-name.ts";
import { sendOne } from "../server/send-files.ts";
import { modelText } from "./model-text.ts";

export interface AddModelOptions {
  name?: string;
  licence: string;
  origin: string;
  notes: string;
  wait: boolean;
}

/** `octet models add`, once its options are read. */
export async function addModel(context: CommandContext, place: Place, given: string, options: AddModelOptions): Promise<number> {
  const file = given === "default" ? defaultModelPath() : given;
  const { licence, origin, notes } = options;
  const stated = { name: options.name ?? path.basename(file).replace(/\.onnx$/i, ""), licence, origin, notes };
  // What needs no server to be seen: a file that is empty, text, or a pointer to one.
  await checkModelFile(file);
  return place.kind === "server" ? addToServer(context, place, file, stated, options.wait) : addToWorkspace(context, place, file, stated);
}

type Stated = { name: string; licence: string; origin: string; notes: string };

async function addToServer(context: CommandContext, place: ServerPlace, file: string, stated: Stated, wait: boolean): Promise<number> {
  const { sha256 } = await sendOne(place, file, context.output);
  const { model, job } = await place.api.mutate("models.add", { sha256, ...stated }, addedModelSchema);
  if (model || !job) {
    context.output.result(
      { ...whereOf(place), known: true, model },
      () => `${placeText(place)}\nThis file is there already: ${model?.name}`,
    );
    return exitCodes.done;
  }
  return runJob(context, place, {
    jobId: job.id,
    wait,
    document: { sha256 },
    done: async () => {
      const added = (await listModels(place.api)).find((one) => one.sha256 === sha256)!;
      return { document: { known: false, model: added }, text: `${placeText(place)}\nAdded ${modelText(added)}` };
    },
  });
}

async function addToWorkspace({ output }: CommandContext, place: WorkspacePlace, file: string, stated: Stated): Promise<number> {
  const [{ addLocalModel }, { withProfiles }] = await Promise.all([
    import("@octet/precision/workspace/model-store"),
    import("./local-models.ts"),
  ]);
  const view = startJobProgress(`Inspect ${stated.name}`, output);
  view.update({ percent: 0, stage: "reading", ratePerSecond: null, secondsLeft: null });
  const { model, known } = await addLocalModel({ workspace: place.folder, file, ...stated, tool: toolName() }).finally(view.finish);
  const [shown] = await withProfiles(place.folder, [model]);
  output.result({ ...whereOf(place), known, model: shown }, () =>
    known ? `${placeText(place)}\nThis file is there already: ${model.name}` : `${placeText(place)}\nAdded ${modelText(shown!)}`,
  );
  return exitCodes.done;
}
