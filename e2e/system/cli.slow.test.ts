import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { waitFor } from "@octet/testing/wait-for";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type CommandRun, runCommand } from "../../apps/cli/src/testing/command-runner.ts";
import { cliToken, Site } from "./site.ts";

const photos = path.join(path.dirname(createRequire(import.meta.url).resolve("@vladmandic/face-api/package.json")), "demo");
let site: Site;

beforeAll(async () => {
  site = await Site.start();
  await site.addWorker("one");
  mkdirSync(path.join(site.home, "photos"));
  for (const name of ["sample1.jpg", "sample5.jpg"]) cpSync(path.join(photos, name), path.join(site.home, "photos", name));
});
afterAll(() => site?.[Symbol.asyncDispose]());

const octet = (...args: string[]): Promise<CommandRun> =>
  runCommand(args, { OCTET_HOME: path.join(site.home, "cli"), OCTET_URL: site.url, OCTET_TOKEN: cliToken });
async function done(...args: string[]): Promise<Record<string, unknown>> {
  const run = await octet(...args);
  expect([run.code, run.document]).toEqual([0, expect.anything()]);
  return run.document as Record<string, unknown>;
}

it("takes a model from a file to the cameras and back, from a terminal", async () => {
  const added = await done("models", "add", "default", "--name", "Faces");
  expect(added).toMatchObject({
    server: site.url,
    known: false,
    model: { name: "Faces", profiles: [{ name: "Faces FP32", state: "built" }] },
  });
  expect(await done("models", "add", "default", "--name", "Again")).toMatchObject({ known: true, model: { name: "Faces" } });

  const folder = path.join(site.home, "photos");
  expect(await done("dataset", "import", folder, "--name", "Photos")).toMatchObject({
    dataset: "Photos",
    version: { version: 1, imageCount: 2 },
    files: 2,
    sent: 2,
  });
  expect(await done("dataset", "import", folder, "--name", "Photos again")).toMatchObject({ files: 2, sent: 0 });
  expect(await done("dataset", "stats", "Photos")).toMatchObject({
    version: 1,
    coverage: { images: 2 },
    warnings: [expect.stringContaining("few"), expect.anything()],
  });

  const built = await done("profile", "build", "Faces", "--precision", "fp16");
  expect(built).toMatchObject({ state: "done", profile: { name: "Faces FP16", state: "built" } });
  const stopped = await octet("profile", "promote", "Faces FP16");
  expect(stopped).toMatchObject({
    code: 1,
    document: { promoted: false, gate: { findings: [{ check: "validated", passed: false }, { check: "benchmarked" }] } },
  });

  expect(await done("profile", "validate", "Faces FP16", "--dataset", "Photos@1")).toMatchObject({
    validation: { pseudoLabels: true, subject: { images: 2 } },
  });
  // As a script does it: the id at once, and the wait elsewhere.
  const queued = await octet("benchmark", "Faces FP16", "--seconds", "0.2", "--no-wait");
  expect(queued.text).toBe((queued.document as { jobId: string }).jobId);
  expect(await done("jobs", "watch", queued.text)).toMatchObject({
    state: "done",
    job: { kind: "benchmark", result: { provider: "cpu" } },
  });

  const camera = await site.addCamera({ name: "Door", url: "synthetic:faces?size=320x240&fps=25&seed=1", detectFps: 5 });
  await waitFor("the camera to be online", async () => (await site.state(camera.id)) === "online", 60_000);
  expect(
    await done(
      "dataset",
      "collect",
      "--name",
      "Frames",
      "--camera",
      "door",
      "--every",
      "0.2",
      "--for",
      "30",
      "--max",
      "2",
      "--min-distance",
      "0",
    ),
  ).toMatchObject({ dataset: "Frames", version: { version: 1, imageCount: 2 } });

  const model = async (): Promise<string | null | undefined> => (await site.camera(camera.id)).status?.model;
  const half = (built.profile as { sha256: string }).sha256;
  // Whether FP16 is as fast as FP32 is this host's affair.
  await done("profile", "promote", "Faces FP16", "--camera", "Door", "--override", "This test's host may find FP16 slower");
  await waitFor("the camera to run it", async () => (await model()) === half, 60_000);
  expect((await octet("profile", "show", "Faces FP16")).text).toContain("runs: camera Door");
  const page = path.join(site.home, "acceptance.html");
  const report = await octet("report", "Faces FP16", "--out", page);
  expect(report.document).toMatchObject({
    written: page,
    facts: { source: site.url, profile: { sha256: half }, validation: { dataset: { name: "Photos" } }, live: [{ camera: "Door" }] },
  });
  expect(readFileSync(page, "utf8")).toContain("Acceptance of Faces FP16");
  expect((await octet("profile", "rollback")).code).toBe(2);
  expect(await done("profile", "rollback", "Faces FP16", "--camera", "Door")).toMatchObject({ rolledBack: "Faces FP16", running: null });
  await waitFor("the camera to run its own again", async () => (await model()) !== half, 60_000);
  expect(await done("profile", "list")).toMatchObject({
    profiles: [{ name: "Faces FP32" }, { name: "Faces FP16", state: "retired", promotions: [] }],
  });
  const { jobs } = (await done("jobs", "list", "--state", "done")) as { jobs: { kind: string }[] };
  expect(new Set(jobs.map(({ kind }) => kind))).toEqual(new Set(["inspect", "import", "build", "validate", "benchmark", "collect"]));
}, 300_000);

it("ends a job that a person cancels, and runs it again", async () => {
  const camera = await site.addCamera({ name: "Yard", url: "synthetic:faces?size=320x240&fps=25&seed=2", detectFps: 5 });
  await waitFor("the camera to be online", async () => (await site.state(camera.id)) === "online", 60_000);
  const { text: id } = await octet("dataset", "collect", "--name", "Long", "--camera", "Yard", "--for", "3600", "--no-wait");
  await waitFor(
    "the job to run",
    async () => ((await octet("jobs", "show", id)).document as { job: { state: string } }).job.state === "running",
    30_000,
  );
  expect((await octet("jobs", "cancel", id)).code).toBe(0);
  expect(await octet("jobs", "watch", id)).toMatchObject({ code: 1, document: { state: "cancelled" } });
  expect(await octet("jobs", "retry", id, "--no-wait")).toMatchObject({ code: 0, text: id });
  expect((await octet("jobs", "cancel", id)).code).toBe(0);
});
