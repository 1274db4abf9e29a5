import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { benchmarkResultSchema } from "@octet/shared/domain/profile";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type CommandRun, runCommand } from "./testing/command-runner.ts";

const photos = path.join(path.dirname(createRequire(import.meta.url).resolve("@vladmandic/face-api/package.json")), "demo");
let home: string;

beforeAll(() => {
  home = mkdtempSync(path.join(tmpdir(), "octet-precision-"));
  mkdirSync(path.join(home, "photos"));
  for (const name of ["sample1.jpg", "sample5.jpg"]) cpSync(path.join(photos, name), path.join(home, "photos", name));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const octet = (...args: string[]): Promise<CommandRun> => runCommand(args, { OCTET_HOME: home });

it("takes the default model from a file to a proven FP16 profile without a server", async () => {
  const workspace = path.join(home, "workspace");
  const added = await octet("models", "add", "default", "--name", "Faces");
  expect(added).toMatchObject({
    code: 0,
    document: {
      workspace,
      known: false,
      model: { name: "Faces", family: "retinaface", profiles: [{ name: "Faces FP32", state: "built" }] },
    },
  });
  expect(added.text).toContain(`Workspace ${workspace}\nAdded Faces: retinaface`);
  expect(await octet("models", "list")).toMatchObject({
    code: 0,
    document: { workspace, models: [{ name: "Faces", licence: { name: "MIT" } }] },
  });

  const imported = await octet("dataset", "import", path.join(home, "photos"), "--name", "Photos");
  expect(imported).toMatchObject({
    code: 0,
    document: { dataset: "Photos", version: { version: 1, imageCount: 2, labelCount: 0 }, duplicates: 0 },
  });
  const stats = await octet("dataset", "stats", "Photos");
  expect(stats).toMatchObject({ document: { dataset: "Photos", version: 1, coverage: { images: 2 }, leaks: [] } });
  expect(stats.text).toMatch(/Photos@1: 2 images[\s\S]*brightness\n {2}0–31[\s\S]*warning: 2 images are few/);
  expect((await octet("dataset", "list")).text).toMatch(/Photos@1 +calibration +images +2/);

  const built = await octet("profile", "build", "Faces", "--precision", "fp16");
  expect(built).toMatchObject({ code: 0, document: { profile: { name: "Faces FP16", state: "built", precision: "fp16" } } });
  const validated = await octet("profile", "validate", "Faces FP16", "--dataset", "Photos@1");
  expect(validated).toMatchObject({
    code: 0,
    document: {
      workspace,
      profile: "Faces FP16",
      validation: { pseudoLabels: true, subject: { images: 2 } },
      dataset: { dataset: "Photos" },
    },
  });
  expect(validated.text).toMatch(/pseudo-labels[\s\S]*AP50[\s\S]*Gate: stops it[\s\S]*NO {2}Not benchmarked/);

  const measured = await octet("benchmark", "Faces FP16", "--seconds", "0.2", "--threads", "1");
  expect(measured.code).toBe(0);
  const { benchmark } = measured.document as { benchmark: unknown };
  expect(benchmarkResultSchema.parse(benchmark)).toMatchObject({ threads: 1, provider: "cpu", streams: null });
  expect(measured.text).toMatch(/BATCH +P50[\s\S]*times as fast .*as what it is held against/);
  expect(measured.notes.some((note) => note.startsWith("Benchmark Faces FP16:"))).toBe(true);

  const shown = await octet("profile", "show", "Faces FP16");
  expect(shown).toMatchObject({
    document: {
      profile: { state: "benchmarked", validation: { pseudoLabels: true }, proofs: { benchmark: { host: expect.any(String) } } },
    },
  });
  const page = path.join(home, "acceptance.html");
  expect(await octet("report", "Faces FP16", "--out", page)).toMatchObject({ document: { written: page, facts: { live: null } } });
  expect(readFileSync(page, "utf8")).toContain("Pseudo-labels");
  const rejected = await octet("profile", "reject", "Faces FP16", "--reason", "only a test");
  expect(rejected.document).toMatchObject({ rejected: "Faces FP16", reason: "only a test" });
  expect((await octet("profile", "list")).text).toMatch(/Faces FP16 +Faces +fp16 +rejected/);
}, 240_000);
