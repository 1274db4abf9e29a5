import { readFileSync } from "node:fs";
import { Command } from "commander";
import { addAlarmsAck } from "./commands/alarms/ack.ts";
import { addAlarmsList } from "./commands/alarms/list.ts";
import { addAudit } from "./commands/audit.ts";
import { addBench } from "./commands/bench.ts";
import { addBenchmark } from "./commands/benchmark.ts";
import { addCamerasAdd } from "./commands/cameras/add.ts";
import { addCamerasEnable } from "./commands/cameras/enable.ts";
import { addCamerasExport } from "./commands/cameras/export.ts";
import { addCamerasImport } from "./commands/cameras/import.ts";
import { addCamerasList } from "./commands/cameras/list.ts";
import { addCamerasRemove } from "./commands/cameras/remove.ts";
import { addCamerasSet } from "./commands/cameras/set.ts";
import { addCamerasShow } from "./commands/cameras/show.ts";
import { addCamerasTest } from "./commands/cameras/test.ts";
import { addCompare } from "./commands/compare.ts";
import { addConvert } from "./commands/convert.ts";
import { addDatasetCollect } from "./commands/dataset/collect.ts";
import { addDatasetImport } from "./commands/dataset/import.ts";
import { addDatasetList } from "./commands/dataset/list.ts";
import { addDatasetRemove } from "./commands/dataset/remove.ts";
import { addDatasetStats } from "./commands/dataset/stats.ts";
import { addDetect } from "./commands/detect.ts";
import { addDetectionsList } from "./commands/detections/list.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addGateSet } from "./commands/gate/set.ts";
import { addGateShow } from "./commands/gate/show.ts";
import { addInspect } from "./commands/inspect.ts";
import { addJobsCancel } from "./commands/jobs/cancel.ts";
import { addJobsList } from "./commands/jobs/list.ts";
import { addJobsRetry } from "./commands/jobs/retry.ts";
import { addJobsShow } from "./commands/jobs/show.ts";
import { addJobsWatch } from "./commands/jobs/watch.ts";
import { addModelsAdd } from "./commands/models/add.ts";
import { addModelsList } from "./commands/models/list.ts";
import { addModelsRemove } from "./commands/models/remove.ts";
import { addModelsSet } from "./commands/models/set.ts";
import { addModelsShow } from "./commands/models/show.ts";
import { addPeopleAdd } from "./commands/people/add.ts";
import { addPeopleList } from "./commands/people/list.ts";
import { addPeopleRemove } from "./commands/people/remove.ts";
import { addPeopleResetPassword } from "./commands/people/reset-password.ts";
import { addPeopleSet } from "./commands/people/set.ts";
import { addPlan } from "./commands/plan.ts";
import { addProfileBenchmark } from "./commands/profile/benchmark.ts";
import { addProfileBuild } from "./commands/profile/build.ts";
import { addProfileImport } from "./commands/profile/import.ts";
import { addProfileList } from "./commands/profile/list.ts";
import { addProfilePromote } from "./commands/profile/promote.ts";
import { addProfileReject } from "./commands/profile/reject.ts";
import { addProfileRollback } from "./commands/profile/rollback.ts";
import { addProfileShadow } from "./commands/profile/shadow.ts";
import { addProfileShow } from "./commands/profile/show.ts";
import { addProfileValidate } from "./commands/profile/validate.ts";
import { addQuantize } from "./commands/quantize.ts";
import { addReport } from "./commands/report.ts";
import { addTokensCreate } from "./commands/tokens/create.ts";
import { addTokensList } from "./commands/tokens/list.ts";
import { addTokensRevoke } from "./commands/tokens/revoke.ts";
import { addValidate } from "./commands/validate.ts";
import { addWorkersDrain } from "./commands/workers/drain.ts";
import { addWorkersForget } from "./commands/workers/forget.ts";
import { addWorkersList } from "./commands/workers/list.ts";
import type { CommandContext } from "./context.ts";

const SERVER_HELP = `
The server: OCTET_URL and OCTET_TOKEN (an API token from Settings → Tokens); where they are not set, the one that
runs on this host, by \`$OCTET_HOME/cli.json\`, which \`npm start\` writes.`;

const PLACE_HELP = `
On the server that is known (OCTET_URL and OCTET_TOKEN, or the one that runs on this host), whose workers do the work;
else, or with --local, in a workspace: a folder of this host ($OCTET_HOME/workspace, or --workspace FOLDER).`;

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
  addBenchmark(program, context);
  addReport(program, context);
  addPlan(program, context);

  const cameras = program.command("cameras").description("The cameras of a server").addHelpText("after", SERVER_HELP);
  addCamerasList(cameras, context);
  addCamerasShow(cameras, context);
  addCamerasAdd(cameras, context);
  addCamerasSet(cameras, context);
  addCamerasRemove(cameras, context);
  addCamerasEnable(cameras, context, true);
  addCamerasEnable(cameras, context, false);
  addCamerasTest(cameras, context);
  addCamerasImport(cameras, context);
  addCamerasExport(cameras, context);

  const workers = program.command("workers").description("The workers of a server").addHelpText("after", SERVER_HELP);
  addWorkersList(workers, context);
  addWorkersDrain(workers, context, true);
  addWorkersDrain(workers, context, false);
  addWorkersForget(workers, context);

  const alarms = program.command("alarms").description("What needs attention on a server").addHelpText("after", SERVER_HELP);
  addAlarmsList(alarms, context);
  addAlarmsAck(alarms, context);

  const detections = program.command("detections").description("What a server has detected").addHelpText("after", SERVER_HELP);
  addDetectionsList(detections, context);

  const models = program.command("models").description("Detectors, and what was made of them").addHelpText("after", PLACE_HELP);
  addModelsAdd(models, context);
  addModelsList(models, context);
  addModelsShow(models, context);
  addModelsSet(models, context);
  addModelsRemove(models, context);

  const dataset = program
    .command("dataset")
    .description("Sets of images to calibrate with and to validate on")
    .addHelpText("after", PLACE_HELP);
  addDatasetCollect(dataset, context);
  addDatasetImport(dataset, context);
  addDatasetList(dataset, context);
  addDatasetStats(dataset, context);
  addDatasetRemove(dataset, context);

  const profile = program
    .command("profile")
    .description("Forms of a model: built, proven, promoted, rolled back (docs/precision.md)")
    .addHelpText("after", PLACE_HELP);
  addProfileBuild(profile, context);
  addProfileImport(profile, context);
  addProfileList(profile, context);
  addProfileShow(profile, context);
  addProfileValidate(profile, context);
  addProfileBenchmark(profile, context);
  addProfileShadow(profile, context);
  addProfilePromote(profile, context);
  addProfileRollback(profile, context);
  addProfileReject(profile, context);

  const gate = program.command("gate").description("What a profile must show before it is promoted").addHelpText("after", SERVER_HELP);
  addGateShow(gate, context);
  addGateSet(gate, context);

  const jobs = program.command("jobs").description("Work on a server's workers").addHelpText("after", SERVER_HELP);
  addJobsList(jobs, context);
  addJobsShow(jobs, context);
  addJobsWatch(jobs, context);
  addJobsCancel(jobs, context);
  addJobsRetry(jobs, context);

  const people = program.command("people").description("Who may sign in to a server (admins)").addHelpText("after", SERVER_HELP);
  addPeopleList(people, context);
  addPeopleAdd(people, context);
  addPeopleSet(people, context);
  addPeopleResetPassword(people, context);
  addPeopleRemove(people, context);

  const tokens = program
    .command("tokens")
    .description("What workers and programs join a server with (admins)")
    .addHelpText("after", SERVER_HELP);
  addTokensList(tokens, context);
  addTokensCreate(tokens, context);
  addTokensRevoke(tokens, context);

  addAudit(program, context, SERVER_HELP);
  return program;
}
