import type { Database } from "@octet/db/client";
import type { Job, JobResult } from "@octet/shared/domain/job";
import { buildOptionsSchema, type Gate, mayBecome, type ProfileState, profileStateSchema } from "@octet/shared/domain/profile";
import { AppError } from "@octet/shared/errors";
import { notFound } from "../../server/not-found.ts";
import { audit } from "../audit/mutations.ts";
import { enqueueJob } from "../jobs/mutations.ts";
import { getProfile, listPromoted, readGate, writeGate } from "./data.ts";
import type { ProfileCreate, Scope } from "./schema.ts";

/** A database or a transaction on it. */
type Writes = Pick<Database, "profile" | "proof" | "promotion" | "auditEntry" | "siteSetting">;

export interface Who {
  id: string;
  name: string;
  role: string;
}

/** Sets the gate as a whole. */
export function setGate(db: Database, gate: Gate, who: Who): Promise<void> {
  return db.$transaction(async (tx) => {
    const before = await readGate(tx);
    await writeGate(tx, gate);
    await audit(tx, who.name, "gate.set", "site", { ...gate, before });
  });
}

/** A draft, and the job that builds it. @throws AppError NOT_FOUND, CONFLICT, CALIBRATION_EMPTY, BAD_INPUT */
export async function createProfile(db: Database, input: ProfileCreate, who: Who): Promise<{ id: string; job: Job }> {
  const model = await db.detectorModel.findUnique({ where: { id: input.modelId } });
  if (!model) throw notFound("model");
  const { options } = input;
  if (options.precision === "fp32")
    throw new AppError("BAD_INPUT", "A model's FP32 profile exists from the start", { hint: "Choose FP16 or INT8." });
  if (options.precision === "int8-qat")
    throw new AppError("BAD_INPUT", "A model trained with quantisation is imported, not built", { hint: "Use the import." });
  const calibration = input.calibrationVersionId ? await db.datasetVersion.findUnique({ where: { id: input.calibrationVersionId } }) : null;
  if (options.precision === "int8-ptq" && !calibration)
    throw new AppError("CALIBRATION_EMPTY", "INT8 needs calibration images", { hint: "Choose a version of a calibration set." });
  const name = input.name ?? (await freeName(db, `${model.name} ${options.precision.toUpperCase()}`));
  await refuseTaken(db, name);
  const profile = await db.profile.create({
    data: {
      name,
      modelId: model.id,
      precision: options.precision,
      options,
      calibrationVersion: calibration?.id ?? null,
      createdBy: who.name,
    },
  });
  const job = await enqueueJob(db, {
    kind: "build",
    title: `Build ${name}`,
    subjectId: profile.id,
    onWorkerId: input.onWorkerId,
    createdBy: who.name,
    payload: {
      model: { sha256: model.sha256, sizeBytes: Number(model.sizeBytes), name: model.name },
      options,
      calibration: calibration && { sha256: calibration.manifestSha256, sizeBytes: Number(calibration.manifestBytes) },
    },
  });
  await db.profile.update({ where: { id: profile.id }, data: { buildJobId: job.id } });
  await audit(db, who.name, "profile.create", profile.id, { name, options });
  return { id: profile.id, job };
}

/** Takes a Q/DQ model that was trained elsewhere: a worker checks it. @throws AppError NOT_FOUND, CONFLICT */
export async function importProfile(
  db: Database,
  input: { modelId: string; name: string; sha256: string; target: "onnxruntime" | "tensorrt" },
  who: Who,
): Promise<{ id: string; job: Job }> {
  const [model, artifact] = await Promise.all([
    db.detectorModel.findUnique({ where: { id: input.modelId } }),
    db.artifact.findUnique({ where: { sha256: input.sha256 } }),
  ]);
  if (!model) throw notFound("model");
  if (!artifact) throw new AppError("NOT_FOUND", "The file was not uploaded", { hint: "Upload it first." });
  await refuseTaken(db, input.name);
  const options = buildOptionsSchema.parse({ precision: "int8-qat", target: input.target });
  const profile = await db.profile.create({
    data: { name: input.name, modelId: model.id, precision: "int8-qat", options, createdBy: who.name },
  });
  const job = await enqueueJob(db, {
    kind: "build",
    title: `Check ${input.name}`,
    subjectId: profile.id,
    createdBy: who.name,
    payload: { model: { sha256: input.sha256, sizeBytes: Number(artifact.sizeBytes), name: input.name }, options, calibration: null },
  });
  await db.profile.update({ where: { id: profile.id }, data: { buildJobId: job.id } });
  await audit(db, who.name, "profile.import", profile.id, { name: input.name, sha256: input.sha256 });
  return { id: profile.id, job };
}

/** Measures accuracy against the model's FP32 profile. @throws AppError NOT_FOUND, CONFLICT */
export async function validateProfile(
  db: Database,
  input: { id: string; datasetVersionId: string; threshold: number; onWorkerId: string | null },
  who: Who,
): Promise<{ job: Job }> {
  const subject = await builtFile(db, input.id);
  const reference = await floatFile(db, subject.modelId);
  const dataset = await db.datasetVersion.findUnique({ where: { id: input.datasetVersionId }, include: { dataset: true } });
  if (!dataset) throw notFound("version of a data set");
  if (dataset.dataset.kind !== "validation" && !dataset.pseudoLabels && dataset.layout !== "images")
    throw new AppError("DATASET_INVALID", "This data set has no labels", { hint: "Choose a validation set." });
  const job = await enqueueJob(db, {
    kind: "validate",
    title: `Validate ${subject.name} on ${dataset.dataset.name} v${dataset.version}`,
    subjectId: input.id,
    onWorkerId: input.onWorkerId,
    createdBy: who.name,
    payload: {
      subject: subject.file,
      reference,
      dataset: { sha256: dataset.manifestSha256, sizeBytes: Number(dataset.manifestBytes) },
      datasetVersionId: dataset.id,
      threshold: input.threshold,
      target: subject.target,
      pseudoLabels: dataset.layout === "images",
    },
  });
  return { job };
}

/** Measures speed, against what the profile would replace on the whole site, else against FP32. @throws AppError NOT_FOUND, CONFLICT */
export async function benchmarkProfile(
  db: Database,
  input: {
    id: string;
    batches: number[];
    seconds: number;
    streams: { count: number; fps: number; decode: boolean; budgetMs: number; soakSeconds: number } | null;
    onWorkerId: string | null;
  },
  who: Who,
): Promise<{ job: Job }> {
  const subject = await builtFile(db, input.id);
  const current = (await listPromoted(db)).find(({ role, scope }) => role === "active" && scope === "site");
  const replaced =
    current && current.profileId !== input.id ? { sha256: current.sha256, sizeBytes: current.sizeBytes, name: current.name } : null;
  const job = await enqueueJob(db, {
    kind: "benchmark",
    title: `Benchmark ${subject.name}`,
    subjectId: input.id,
    onWorkerId: input.onWorkerId,
    createdBy: who.name,
    payload: {
      subject: subject.file,
      reference: replaced ?? (await floatFile(db, subject.modelId)),
      target: subject.target,
      batches: input.batches,
      seconds: input.seconds,
      streams: input.streams && { ...input.streams, decodeSize: subject.decodeSize },
    },
  });
  return { job };
}

/** Ends its shadows, too. @throws AppError NOT_FOUND, CONFLICT where the state does not allow it */
export async function rejectProfile(db: Database, id: string, reason: string, who: Who): Promise<void> {
  await db.$transaction(async (tx) => {
    const { name } = await changeState(tx, id, "rejected", { reason });
    await tx.promotion.updateMany({ where: { profileId: id, role: "shadow", endedAt: null }, data: { endedAt: new Date() } });
    await audit(tx, who.name, "profile.reject", id, { name, reason });
  });
}

const rejectedError = ({ name, reason }: { name: string; reason: string | null }): AppError =>
  new AppError("CONFLICT", `${name} was rejected: ${reason ?? "no reason was given"}`, { hint: "Build another profile." });

/**
 * Puts a profile to work for a camera, a tag or the site, from now on; what ran there is retired. Where the gate says no,
 * an admin may override it with a reason, which is written down.
 * @throws AppError NOT_FOUND, CONFLICT (the gate's findings in the message), FORBIDDEN
 */
export async function promoteProfile(
  db: Database,
  input: { id: string; where: Scope; overrideReason: string | null },
  who: Who,
): Promise<{ promotionId: string }> {
  const profile = await getProfile(db, input.id);
  if (!profile.sha256) throw new AppError("CONFLICT", "The profile is not built yet");
  if (profile.state === "rejected") throw rejectedError(profile);
  const against = profile.gate.findings.filter(({ passed }) => !passed);
  if (!profile.gate.passed && input.overrideReason === null)
    throw new AppError("CONFLICT", `The gate stops ${profile.name}: ${against.map(({ message }) => message).join("; ")}`, {
      hint: "Validate and benchmark it, choose another profile, or have an admin override the gate with a reason.",
    });
  if (!profile.gate.passed && who.role !== "admin")
    throw new AppError("FORBIDDEN", "Only an admin may override the gate", { hint: "Ask an admin." });
  const overridden = profile.gate.passed ? null : input.overrideReason;
  return db.$transaction(async (tx) => {
    const scope = scopeColumns(input.where);
    await oneAtATime(tx);
    const before = await tx.promotion.findFirst({ where: { role: "active", ...scope, endedAt: null }, orderBy: { createdAt: "desc" } });
    if (before?.profileId === input.id) return { promotionId: before.id };
    await endPromotions(tx, { ...scope, role: "active" });
    await endPromotions(tx, { ...scope, role: "shadow", profileId: input.id });
    const promotion = await tx.promotion.create({
      data: { profileId: input.id, role: "active", ...scope, overridden, createdBy: who.name, replacesId: before?.id ?? null },
    });
    await tx.profile.update({ where: { id: input.id }, data: { state: "promoted", reason: null } });
    await audit(tx, who.name, overridden === null ? "profile.promote" : "profile.promote-override", input.id, {
      name: profile.name,
      ...scope,
      ...(overridden === null ? {} : { reason: overridden, findings: against.map(({ message }) => message) }),
    });
    return { promotionId: promotion.id };
  });
}

/** Goes back to what the promotion replaced (nothing: the workers' own model). @throws AppError NOT_FOUND, CONFLICT */
export async function rollBack(db: Database, promotionId: string, who: Who): Promise<void> {
  await db.$transaction(async (tx) => {
    await oneAtATime(tx);
    const promotion = await tx.promotion.findUnique({ where: { id: promotionId }, include: { profile: { select: { name: true } } } });
    if (!promotion) throw notFound("promotion");
    if (promotion.endedAt) throw new AppError("CONFLICT", "This promotion has ended already");
    const { scope, scopeValue } = promotion;
    await endPromotions(tx, { role: promotion.role, scope, scopeValue });
    const before = promotion.replacesId ? await tx.promotion.findUnique({ where: { id: promotion.replacesId } }) : null;
    if (before) {
      // What was replaced is back; a further roll-back goes to what was before it.
      await tx.promotion.create({
        data: {
          profileId: before.profileId,
          role: "active",
          scope,
          scopeValue,
          overridden: before.overridden,
          createdBy: who.name,
          replacesId: before.replacesId,
        },
      });
      await tx.profile.update({ where: { id: before.profileId }, data: { state: "promoted" } });
    }
    const { role, profile } = promotion;
    await audit(tx, who.name, "profile.roll-back", promotion.profileId, {
      name: profile.name,
      role,
      scope,
      scopeValue,
      to: before?.profileId ?? null,
    });
  });
}

/** Runs a profile beside the current one on a share of the frames. @throws AppError NOT_FOUND, CONFLICT */
export async function startShadow(
  db: Database,
  input: { id: string; where: Scope; share: number },
  who: Who,
): Promise<{ promotionId: string }> {
  const profile = await builtFile(db, input.id);
  if (profile.state === "rejected") throw rejectedError(profile);
  return db.$transaction(async (tx) => {
    const scope = scopeColumns(input.where);
    await oneAtATime(tx);
    await endPromotions(tx, { ...scope, role: "shadow" });
    const promotion = await tx.promotion.create({
      data: { profileId: input.id, role: "shadow", ...scope, share: input.share, createdBy: who.name },
    });
    if (mayBecome(profile.state, "shadow")) await tx.profile.update({ where: { id: input.id }, data: { state: "shadow" } });
    await audit(tx, who.name, "profile.shadow", input.id, { name: profile.name, ...scope, share: input.share });
    return { promotionId: promotion.id };
  });
}

/** Two people who promote at once must not both find nothing to end. Until the transaction's end. */
async function oneAtATime(tx: Pick<Database, "$executeRaw">): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('octet.promotion'))`;
}

/** Ends promotions, and retires profiles that run nowhere any more. */
async function endPromotions(
  tx: Pick<Database, "profile" | "promotion" | "proof">,
  where: { role: string; scope: string; scopeValue: string; profileId?: string },
): Promise<void> {
  const ending = await tx.promotion.findMany({ where: { ...where, endedAt: null } });
  await tx.promotion.updateMany({ where: { id: { in: ending.map(({ id }) => id) } }, data: { endedAt: new Date() } });
  for (const profileId of new Set(ending.map((one) => one.profileId))) {
    const running = await tx.promotion.findMany({ where: { profileId, endedAt: null } });
    if (running.some(({ role }) => role === "active")) continue;
    const state: ProfileState = running.length > 0 ? "shadow" : where.role === "active" ? "retired" : await provenState(tx, profileId);
    await tx.profile.update({ where: { id: profileId }, data: { state } });
  }
}

async function provenState(tx: Pick<Database, "proof">, profileId: string): Promise<ProfileState> {
  const kinds = new Set((await tx.proof.findMany({ where: { profileId }, select: { kind: true } })).map(({ kind }) => kind));
  return kinds.has("benchmark") ? "benchmarked" : kinds.has("validation") ? "validated" : "built";
}

/** What a finished build leaves. */
export async function profileBuilt(tx: Writes, profileId: string, result: JobResult<"build">): Promise<void> {
  const { artifact, report, reportPage, summary, warnings, tool } = result;
  await tx.profile.update({
    where: { id: profileId },
    data: {
      sha256: artifact.sha256,
      sizeBytes: artifact.sizeBytes,
      reportSha256: report?.sha256 ?? null,
      reportPageSha256: reportPage?.sha256 ?? null,
      summary: summary as object,
      warnings,
      tool,
      state: "built",
      reason: null,
    },
  });
}

/** What a finished validation or benchmark leaves: the proof, and the state that it brings. */
export async function profileProven(
  tx: Writes,
  profileId: string,
  proof: { kind: "validation" | "benchmark"; jobId: string; against: object; result: object },
): Promise<void> {
  const profile = await tx.profile.findUnique({ where: { id: profileId } });
  if (!profile) return;
  await tx.proof.create({ data: { profileId, ...proof } });
  const state: ProfileState = proof.kind === "validation" ? "validated" : "benchmarked";
  const now = profileStateSchema.parse(profile.state);
  // A benchmark is the later step: a validation after it does not take the profile back.
  if (now === "built" || (now === "validated" && state === "benchmarked"))
    await tx.profile.update({ where: { id: profileId }, data: { state } });
}

async function changeState(tx: Writes, id: string, state: ProfileState, more: { reason?: string } = {}): Promise<{ name: string }> {
  const row = await tx.profile.findUnique({ where: { id } });
  if (!row) throw notFound("profile");
  const from = profileStateSchema.parse(row.state);
  if (!mayBecome(from, state)) throw new AppError("CONFLICT", `A profile that is ${from} cannot become ${state}`);
  return tx.profile.update({ where: { id }, data: { state, ...more } });
}

async function builtFile(db: Database, id: string) {
  const row = await db.profile.findUnique({ where: { id } });
  if (!row) throw notFound("profile");
  if (!row.sha256 || row.sizeBytes === null)
    throw new AppError("CONFLICT", `${row.name} is not built yet`, { hint: "Wait for its build, or look at why it failed." });
  const file = { sha256: row.sha256, sizeBytes: Number(row.sizeBytes), name: row.name };
  const { decodeSize, target } = buildOptionsSchema.parse(row.options);
  return { name: row.name, decodeSize, target, modelId: row.modelId, state: profileStateSchema.parse(row.state), reason: row.reason, file };
}

async function floatFile(db: Database, modelId: string) {
  const model = await db.detectorModel.findUnique({ where: { id: modelId } });
  if (!model) throw notFound("model");
  return { sha256: model.sha256, sizeBytes: Number(model.sizeBytes), name: `${model.name} FP32` };
}

const scopeColumns = (where: Scope): { scope: string; scopeValue: string } => ({
  scope: where.scope,
  scopeValue: where.scope === "site" ? "" : where.value,
});

async function freeName(db: Database, wanted: string): Promise<string> {
  const taken = new Set(
    (await db.profile.findMany({ where: { name: { startsWith: wanted } }, select: { name: true } })).map(({ name }) => name),
  );
  if (!taken.has(wanted)) return wanted;
  let number = 2;
  while (taken.has(`${wanted} ${number}`)) number++;
  return `${wanted} ${number}`;
}

async function refuseTaken(db: Database, name: string): Promise<void> {
  if (await db.profile.findUnique({ where: { name } }))
    throw new AppError("CONFLICT", `There is a profile named "${name}" already`, { hint: "Choose another name." });
}
