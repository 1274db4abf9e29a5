import type { Command } from "commander";
import { reasonOf, stateOf } from "../../cameras/camera-text.ts";
import type { CommandContext } from "../../context.ts";
import { exitCodes } from "../../output/output.ts";
import { table } from "../../output/table.ts";
import { listCameras } from "../../server/cameras.ts";
import { openApi } from "../../server/open-api.ts";
import { listWorkers } from "../../server/workers.ts";

/** `octet cameras list` */
export function addCamerasList(cameras: Command, context: CommandContext): void {
  cameras
    .command("list")
    .description("All cameras and how they are")
    .option("--json", "one JSON document on stdout")
    .action(
      context.action(async () => {
        const api = await openApi(context);
        const [list, workers] = await Promise.all([listCameras(api), listWorkers(api)]);
        const names = new Map(workers.map(({ id, name }) => [id, name]));
        context.output.result({ cameras: list }, () =>
          table(
            list,
            [
              { title: "NAME", of: ({ name }) => name },
              { title: "STATE", of: stateOf },
              { title: "FPS", of: ({ status }) => (status?.state === "online" ? status.streamFps.toFixed(1) : ""), align: "right" },
              {
                title: "DETECT",
                of: ({ status, detectFps }) =>
                  status?.state === "online" ? `${status.detectFps.toFixed(1)}/${detectFps}` : `${detectFps}`,
                align: "right",
              },
              { title: "WORKER", of: ({ workerId }) => names.get(workerId ?? "") ?? "" },
              { title: "URL", of: ({ url }) => url },
              { title: "TAGS", of: ({ tags }) => tags.join(", ") },
              { title: "ID", of: ({ id }) => id },
              { title: "REASON", of: reasonOf },
            ],
            "There are no cameras yet. Add one: octet cameras add NAME URL",
          ),
        );
        return exitCodes.done;
      }),
    );
}
