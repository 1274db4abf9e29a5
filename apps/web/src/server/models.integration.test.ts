import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createDatabase, type Database } from "@octet/db/client";
import type { Job } from "@octet/shared/domain/job";
import { buildOptionsSchema } from "@octet/shared/domain/profile";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { TestPostgres } from "../../../../packages/testing/src/postgres.ts";
import { findModelByFile, listModels } from "../features/models/data.ts";
import { addModel, inspectModel, removeModel, updateModel } from "../features/models/mutations.ts";
import { addModelSchema } from "../features/models/schema.ts";
import { ArtifactStore } from "./artifacts/store.ts";
import { JobStore } from "./jobs/job-store.ts";
import { jobOutcomeHooks } from "./jobs/outcome-hooks.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "octet-models-"));
let postgres: TestPostgres;
let db: Database;
let artifacts: ArtifactStore;
let jobs: JobStore;

const found = {
  family: "yunet",
  inputWidth: 320,
  inputHeight: 320,
  maxBatch: 1,
  classes: ["face"],
  precision: "fp32",
  licence: { name: "unknown", note: "Check where it comes from.", origin: "unknown file" },
  operators: 120,
  opset: 17,
  cost: { parameters: 53_104, macs: 344_000_000, layerElements: 17_750_000 },
};

beforeAll(async () => {
  postgres = await TestPostgres.start();
  db = createDatabase(postgres.url, { connections: 4 });
  artifacts = await ArtifactStore.create({ folder, record: async () => {} });
  jobs = new JobStore(db, jobOutcomeHooks);
});
afterAll(async () => {
  await db?.$disconnect();
  await postgres?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await db.promotion.deleteMany();
  await db.profile.deleteMany();
  await db.detectorModel.deleteMany();
  await db.job.deleteMany();
  await db.auditEntry.deleteMany();
});

async function upload(name: string, more: object = {}): ReturnType<typeof addModel> {
  const { sha256 } = await artifacts.store(Buffer.from(`file of ${name}`));
  return addModel(db, artifacts, addModelSchema.parse({ sha256, name, ...more }), "me");
}
async function inspected(job: Job, result: object = found): Promise<Job> {
  const claimed = (await jobs.claim(job.id, "w"))!;
  return (await jobs.end({ jobId: job.id, attempt: claimed.attempt }, { state: "done", result }))!;
}

it("adds what a worker recognises, with a profile that is the file itself", async () => {
  const { model, job } = await upload("one", { licence: "BSD-3-Clause", origin: "our own training", notes: "v2" });
  expect(model).toBeNull();
  expect(await listModels(db)).toEqual([]);
  const ended = await inspected(job!);
  const [added] = await listModels(db);
  expect(ended).toMatchObject({ state: "done", subjectId: added!.id });
  expect(added).toMatchObject({
    name: "one",
    family: "yunet",
    inputWidth: 320,
    sizeBytes: 11,
    classes: ["face"],
    notes: "v2",
    createdBy: "me",
    cost: found.cost,
  });
  expect(await db.auditEntry.findMany()).toMatchObject([
    {
      who: "me",
      action: "model.add",
      subject: added!.id,
      detail: { name: "one", family: "yunet", precision: "fp32", licence: "BSD-3-Clause" },
    },
  ]);
  expect(added!.licence).toMatchObject({ name: "BSD-3-Clause", origin: "our own training" });
  expect(added!.profiles).toMatchObject([{ name: "one FP32", precision: "fp32", state: "built", sha256: added!.sha256 }]);
  const again = await upload("one");
  expect(again).toMatchObject({ model: { id: added!.id }, job: null });
});

it("counts a model that was taken without, and brings none back that was removed meanwhile", async () => {
  await inspected((await upload("old")).job!, { ...found, cost: undefined });
  const [old] = await listModels(db);
  expect(old!.cost).toBeNull();
  const [again, late] = [await inspectModel(db, old!.id, "me"), await inspectModel(db, old!.id, "me")];
  expect(await inspected(again)).toMatchObject({ state: "done", subjectId: old!.id });
  expect(await listModels(db)).toMatchObject([{ name: "old", cost: found.cost, profiles: [{ name: "old FP32" }] }]);
  await removeModel(db, old!.id, "me");
  expect(await inspected(late)).toMatchObject({ state: "done" });
  expect(await listModels(db)).toEqual([]);
  await expect(inspectModel(db, old!.id, "me")).rejects.toMatchObject({ code: "NOT_FOUND" });
});

it("keeps what is known of a file's licence, and does not call a quantised file FP32", async () => {
  const { job } = await upload("two", { licence: "MIT" });
  await inspected(job!, { ...found, precision: "int8", licence: { name: "GPL-3.0", note: "Terms apply.", origin: "its authors" } });
  const [added] = await listModels(db);
  expect(added).toMatchObject({ licence: { name: "GPL-3.0" }, profiles: [{ name: "two INT8", precision: "int8-ptq" }] });
});

it("makes one model of two uploads of one file at the same time", async () => {
  const [first, second] = [await upload("three"), await upload("three")];
  await inspected(first.job!);
  const ended = await inspected(second.job!);
  expect(ended).toMatchObject({ state: "done", subjectId: (await listModels(db))[0]!.id });
  expect(await db.detectorModel.count()).toBe(1);
});

it("refuses a file that is not there, a name that is taken, and what no worker recognises", async () => {
  await expect(addModel(db, artifacts, addModelSchema.parse({ sha256: "0".repeat(64), name: "x" }), "me")).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
  const late = await upload("other file, late");
  await db.job.update({
    where: { id: late.job!.id },
    data: { payload: { ...(await payloadOf(late.job!)), model: { ...(await payloadOf(late.job!)).model, name: "four" } } },
  });
  await inspected((await upload("four")).job!);
  await expect(
    addModel(
      db,
      artifacts,
      { ...addModelSchema.parse({ sha256: (await artifacts.store(Buffer.from("else"))).sha256, name: "four" }) },
      "me",
    ),
  ).rejects.toMatchObject({ code: "CONFLICT" });
  expect(await inspected(late.job!)).toMatchObject({ state: "failed", error: { code: "CONFLICT" } });
  const text = await upload("a text");
  const claimed = (await jobs.claim(text.job!.id, "w"))!;
  const error = { code: "MODEL_INVALID" as const, message: "This is no ONNX file", hint: "Export it anew." };
  await jobs.end({ jobId: claimed.id, attempt: 1 }, { state: "failed", error });
  expect(await db.job.findUnique({ where: { id: text.job!.id } })).toMatchObject({ state: "failed", error });
  expect(await findModelByFile(db, (await payloadOf(text.job!)).model.sha256)).toBeNull();
  expect((await listModels(db)).map((model) => model.name)).toEqual(["four"]);
});

const payloadOf = async (job: Job) =>
  (await db.job.findUniqueOrThrow({ where: { id: job.id } })).payload as { model: { sha256: string; name: string } };

it("renames, notes, and removes what nothing was made of", async () => {
  await inspected((await upload("five")).job!);
  await inspected((await upload("six")).job!);
  const [five, six] = await listModels(db);
  await expect(updateModel(db, { id: five!.id, patch: { name: "six" } }, "me")).rejects.toMatchObject({ code: "CONFLICT" });
  expect(await updateModel(db, { id: five!.id, patch: { name: "cinq", notes: "n" } }, "me")).toMatchObject({
    name: "cinq",
    notes: "n",
    licence: five!.licence,
  });
  const made = await db.profile.create({
    data: { name: "made", modelId: five!.id, precision: "fp16", options: buildOptionsSchema.parse({ precision: "fp16" }) },
  });
  await expect(removeModel(db, five!.id, "admin")).rejects.toMatchObject({ code: "CONFLICT", message: expect.stringContaining("made") });
  await db.profile.delete({ where: { id: made.id } });
  const promotion = await db.promotion.create({
    data: { profileId: five!.profiles[0]!.id, role: "active", scope: "site", endedAt: new Date() },
  });
  await expect(removeModel(db, five!.id, "admin")).rejects.toMatchObject({ code: "CONFLICT" });
  await db.promotion.delete({ where: { id: promotion.id } });
  await removeModel(db, five!.id, "admin");
  expect((await listModels(db)).map((model) => model.id)).toEqual([six!.id]);
  expect(await db.profile.count()).toBe(1);
  expect(await db.auditEntry.findFirst({ where: { action: "model.remove" } })).toMatchObject({
    ...{ who: "admin", subject: five!.id, detail: { name: "cinq" } },
  });
  await expect(removeModel(db, randomUUID(), "admin")).rejects.toMatchObject({ code: "NOT_FOUND" });
});
