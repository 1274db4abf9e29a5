import type { Database } from "@octet/db/client";
import type { AcceptanceFacts } from "@octet/shared/acceptance/facts";
import { artifactRefSchema } from "@octet/shared/domain/artifact";
import type { CameraStatus } from "@octet/shared/domain/camera";
import { licenceSchema } from "@octet/shared/domain/model";
import { AppError } from "@octet/shared/errors";
import { z } from "zod";
import packageJson from "../../../package.json" with { type: "json" };
import { leaksBetween } from "../datasets/data.ts";
import { getProfile, readGate } from "../profiles/data.ts";
import { newestShadow } from "../shadows/data.ts";

const validatedAgainstSchema = z.object({ dataset: artifactRefSchema, datasetVersionId: z.uuid().nullable().default(null) });
const benchmarkedAgainstSchema = z.object({ reference: z.object({ name: z.string() }).nullable() });

/** @throws AppError NOT_FOUND */
export async function acceptanceFacts(db: Database, statuses: readonly CameraStatus[], idOrName: string): Promise<AcceptanceFacts> {
  const id = await profileId(db, idOrName);
  const [profile, row, limits, shadow] = await Promise.all([
    getProfile(db, id),
    db.profile.findUniqueOrThrow({
      where: { id },
      include: { model: true, proofs: { orderBy: { createdAt: "desc" }, distinct: ["kind"] } },
    }),
    readGate(db),
    newestShadow(db, id),
  ]);
  const { model } = row;
  const proofOf = (kind: string) => row.proofs.find((proof) => proof.kind === kind);
  const [validation, benchmark] = [proofOf("validation"), proofOf("benchmark")];
  const calibration = row.calibrationVersion ? await datasetBy(db, { id: row.calibrationVersion }) : null;
  const against = validation && validatedAgainstSchema.parse(validation.against);
  const judgedOn =
    against &&
    ((against.datasetVersionId && (await datasetBy(db, { id: against.datasetVersionId }))) ||
      (await datasetBy(db, { manifestSha256: against.dataset.sha256 })));
  return {
    createdAt: new Date(),
    tool: `Octet ${packageJson.version}`,
    source: "the server",
    profile: {
      name: profile.name,
      precision: profile.precision,
      state: profile.state,
      reason: profile.reason,
      sha256: profile.sha256,
      sizeBytes: profile.sizeBytes,
      builtBy: profile.tool,
      createdAt: profile.createdAt,
      options: profile.options,
      warnings: profile.warnings,
    },
    model: {
      name: model.name,
      family: model.family,
      sha256: model.sha256,
      sizeBytes: Number(model.sizeBytes),
      inputWidth: model.inputWidth,
      inputHeight: model.inputHeight,
      licence: licenceSchema.parse(model.licence),
    },
    calibration: calibration && named(calibration),
    validation:
      validation && profile.validation
        ? {
            at: validation.createdAt,
            dataset: judgedOn ? named(judgedOn) : null,
            result: profile.validation,
            leaks:
              judgedOn && calibration ? await leaksBetween(db, judgedOn.id, calibration.id) : profile.precision === "int8-ptq" ? null : [],
          }
        : null,
    benchmark:
      benchmark && profile.benchmark
        ? {
            at: benchmark.createdAt,
            comparedWith: benchmarkedAgainstSchema.parse(benchmark.against).reference?.name ?? null,
            result: profile.benchmark,
          }
        : null,
    gate: { limits, ...profile.gate },
    shadow: shadow?.summary ? { startedAt: shadow.startedAt, endedAt: shadow.endedAt, share: shadow.share, ...shadow.summary } : null,
    live: await liveOn(db, statuses, profile.sha256),
    decisions: await decisionsOn(db, id),
  };
}

async function profileId(db: Database, idOrName: string): Promise<string> {
  if (z.uuid().safeParse(idOrName).success) return idOrName;
  const row = await db.profile.findUnique({ where: { name: idOrName }, select: { id: true } });
  if (!row) throw new AppError("NOT_FOUND", `There is no profile "${idOrName}"`, { hint: "See `octet profile list`." });
  return row.id;
}

/** The newest version with this identity: two data sets may hold the same images. */
const datasetBy = (db: Database, where: { id: string } | { manifestSha256: string }) =>
  db.datasetVersion.findFirst({ where, orderBy: { createdAt: "desc" }, include: { dataset: { select: { name: true } } } });

function named({ dataset, version: number, imageCount, manifestSha256 }: NonNullable<Awaited<ReturnType<typeof datasetBy>>>) {
  return { name: dataset.name, version: number, images: imageCount, manifestSha256 };
}

async function liveOn(db: Database, statuses: readonly CameraStatus[], sha256: string | null): Promise<AcceptanceFacts["live"]> {
  const running = statuses.filter(({ model, state }) => state === "online" && model !== null && model === sha256);
  const ids = running.map(({ cameraId }) => cameraId);
  const [cameras, workers] = await Promise.all([
    db.camera.findMany({ where: { id: { in: ids } }, select: { id: true, name: true, detectFps: true } }),
    db.worker.findMany({ select: { id: true, name: true } }),
  ]);
  return running.flatMap(({ cameraId, workerId, detectFps, counters, latency }) => {
    const camera = cameras.find(({ id }) => id === cameraId);
    if (!camera) return [];
    return {
      camera: camera.name,
      worker: workers.find(({ id }) => id === workerId)?.name ?? workerId,
      detectFps,
      wantedFps: camera.detectFps,
      inferred: counters.inferred,
      dropped: counters.dropped,
      totalMs: latency.total ?? null,
    };
  });
}

const detailSchema = z.object({
  scope: z.string().optional(),
  scopeValue: z.string().optional(),
  reason: z.string().optional(),
  findings: z.array(z.string()).optional(),
});
const words: Record<string, string> = {
  "profile.create": "Created",
  "profile.import": "Imported",
  "profile.reject": "Rejected",
  "profile.promote": "Promoted",
  "profile.promote-override": "Promoted although the gate said no",
  "profile.roll-back": "Rolled back",
  "profile.shadow": "Put into the shadow",
};

async function decisionsOn(db: Database, id: string): Promise<AcceptanceFacts["decisions"]> {
  const rows = await db.auditEntry.findMany({ where: { subject: id }, orderBy: { id: "desc" }, take: 100 });
  const cameras = new Map((await db.camera.findMany({ select: { id: true, name: true } })).map((camera) => [camera.id, camera.name]));
  return rows.map(({ at, who, action, detail }) => {
    const { scope, scopeValue = "", reason, findings } = detailSchema.catch({}).parse(detail);
    const where =
      scope === "camera"
        ? ` for ${cameras.get(scopeValue) ?? "a camera that is gone"}`
        : scope === "tag"
          ? ` for tag ${scopeValue}`
          : scope
            ? " for the site"
            : "";
    const why = [reason, ...(findings ?? []).map((finding) => `the gate: ${finding}`)].filter((part) => part !== undefined);
    return { at, who, what: `${words[action] ?? action}${where}`, why: why.length > 0 ? why.join("; ") : null };
  });
}
