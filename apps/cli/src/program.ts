import { readFileSync } from "node:fs";
import { Command } from "commander";
import { addBench } from "./commands/bench.ts";
import { addCamerasAdd } from "./commands/cameras/add.ts";
import { addCamerasEnable } from "./commands/cameras/enable.ts";
import { addCamerasExport } from "./commands/cameras/export.ts";
import { addCamerasImport } from "./commands/cameras/import.ts";
import { addCamerasList } from "./commands/cameras/list.ts";
import { addCamerasRemove } from "./commands/cameras/remove.ts";
import { addCamerasTest } from "./commands/cameras/test.ts";
import { addCompare } from "./commands/compare.ts";
import { addConvert } from "./commands/convert.ts";
import { addQuantize } from "./commands/quantize.ts";
import { addDetect } from "./commands/detect.ts";
import { addDetectionsList } from "./commands/detections/list.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addInspect } from "./commands/inspect.ts";
import { addPlan } from "./commands/plan.ts";
import { addValidate } from "./commands/validate.ts";
import type { CommandContext } from "./context.ts";

const SERVER_HELP = `
The server: OCTET_URL and OCTET_TOKEN (an API token from Settings → Tokens); where they are not set, the one that
runs on this host, by \`$OCTET_HOME/cli.json\`, which \`npm start\` writes.`;

/** The whole command line. It throws CommanderError instead of ending the process. */
export function buildProgram(context: CommandContext): Command {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
  const program = new Command("octet")
    .description("Face detection on pictures, clips and a wall of cameras, and the models for it")
    .version(version)
    .exitOverride()
    .configureOutput({
      // Said once, by main, with its code; with --json as the one document.
      outputError: () => {},
      writeErr: (text) => {
        if (!context.output.json) process.stderr.write(text);
      },
    })
    .addHelpText("after", "\nExit codes: 0 done, 1 a check failed, 2 bad input or an error. --json: one JSON document on stdout.");
  addDoctor(program, context);
  addDetect(program, context);

  addInspect(program, context);
  addConvert(program, context);
  addQuantize(program, context);
  addCompare(program, context);
  addValidate(program, context);
  addBench(program, context);
  addPlan(program, context);

  const cameras = program.command("cameras").description("The cameras of a server").addHelpText("after", SERVER_HELP);
  addCamerasList(cameras, context);
  addCamerasAdd(cameras, context);
  addCamerasRemove(cameras, context);
  addCamerasEnable(cameras, context, true);
  addCamerasEnable(cameras, context, false);
  addCamerasTest(cameras, context);
  addCamerasImport(cameras, context);
  addCamerasExport(cameras, context);

  const detections = program.command("detections").description("What a server has detected").addHelpText("after", SERVER_HELP);
  addDetectionsList(detections, context);
  return program;
}
