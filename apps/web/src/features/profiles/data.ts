import type { Database } from "@octet/db/client";
import { benchmarkedHost } from "@octet/shared/domain/benchmarked-host";
import type { CameraState, CameraStatus } from "@octet/shared/domain/camera";
import { type GateFacts, type GateVerdict, judgeByGate } from "@octet/shared/domain/gate";
import {
  type BenchmarkResult,
  type BuildOptions,
  benchmarkResultSchema,
  buildOptionsSchema,
  type Gate,
  gateSchema,
  type Precision,
  type ProfileState,
  precisionSchema,
  profileStateSchema,
  type ValidationResult,
  validationResultSchema,
} from "@octet/shared/domain/profile";
import type { ErrorInfo } from "@octet/shared/errors";
import type { FrameSize } from "@octet/shared/planning/frame-size";
import { z } from "zod";
import { notFound } from "../../server/not-found.ts";

const GATE_KEY = "precision.gate";

export async function readGate(db: Pick<Database, "siteSetting">): Promise<Gate> {
  const row = await db.siteSetting.findUnique({ where: { key: GATE_KEY } });
  return gateSchema.parse(row?.value ?? {});
}

export async function writeGate(db: Pick<Database, "siteSetting">, gate: Gate): Promise<void> {
  await db.siteSetting.upsert({ where: { key: GATE_KEY }, create: { key: GATE_KEY, value: gate }, update: { value: gate } });
}

export interface NamedVersion {
  versionId: string;
  datasetId: string;
  name: string;
  version: number;
}

/** What one host made of a profile: of its smallest batch. */
export interface HostSpeed {
  hostname: string;
  device: string;
  provider: string;
  at: Date;
  p50: number;
  p99: number;
  imagesPerSecond: number;
  speedup: number | null;
  streams: { held: number; asked: number } | null;
}

/** A profile with its newest proof and what the gate says of it. */
export interface ProfileView {
  id: string;
  name: string;
  model: { id: string; name: string; family: string; inputWidth: number; inputHeight: number };
  precision: Precision;
  state: ProfileState;
  reason: string | null;
  options: BuildOptions;
  calibrationVersion: string | null;
  /** The same by name, and what the newest validation was on; null where there is none, or it is gone. */
  calibratedOn: NamedVersion | null;
  validatedOn: NamedVersion | null;
  sha256: string | null;
  sizeBytes: number | null;
  reportSha256: string | null;
  reportPageSha256: string | null;
  summary: unknown;
  warnings: string[];
  tool: string | null;
  createdAt: Date;
  validation: ValidationResult | null;
  benchmark: BenchmarkResult | null;
  /** The newest benchmark on each other host. */
  elsewhere: HostSpeed[];
  /** The newest validation on each other data set that is still there. */
  earlier: NonNullable<GateFacts["earlier"]>;
  gate: GateVerdict;
  /** Scopes that it runs in now, and in whose shadow it runs. */
  promotions: { id: string; role: string; scope: string; scopeValue: string; share: number; createdAt: Date; overridden: string | null }[];
}

export async function listProfiles(db: Database): Promise<ProfileView[]> {
  return views(db, {});
}

/** @throws AppError NOT_FOUND */
export async function getProfile(db: Database, id: string): Promise<ProfileView> {
  const [profile] = await views(db, { id });
  if (!profile) throw notFound("profile");
  return profile;
}

async function views(db: Database, where: { id?: string }): Promise<ProfileView[]> {
  const gate = await readGate(db);
  const rows = await db.profile.findMany({
    where,
    include: {
      model: { select: { id: true, name: true, family: true, inputWidth: true, inputHeight: true } },
      proofs: { orderBy: { createdAt: "desc" } },
      promotions: { where: { endedAt: null }, orderBy: { createdAt: "desc" } },
    },
    orderBy: [{ model: { name: "asc" } }, { createdAt: "asc" }],
  });
  const versions = await namedVersions(
    db,
    rows.flatMap(({ calibrationVersion, proofs }) => [calibrationVersion, ...proofs.map(versionOf)]),
  );
  return rows.map(({ proofs, promotions, sizeBytes, ...row }) => {
    const newest = (kind: string): unknown => proofs.find((proof) => proof.kind === kind)?.result ?? null;
    const precision = precisionSchema.parse(row.precision);
    // What another version measured may have another shape: it must be measured anew.
    const validation = validationResultSchema.nullable().catch(null).parse(newest("validation"));
    const benchmark = benchmarkResultSchema.nullable().catch(null).parse(newest("benchmark"));
    const validations = proofs.filter(({ kind }) => kind === "validation");
    const earlier = earlierValidations(validations, versions);
    return {
      ...row,
      precision,
      state: profileStateSchema.parse(row.state),
      options: buildOptionsSchema.parse(row.options),
      sizeBytes: sizeBytes === null ? null : Number(sizeBytes),
      validation,
      benchmark,
      elsewhere: benchmark ? otherHosts(proofs, benchmark.host.hostname) : [],
      earlier,
      calibratedOn: versions.get(row.calibrationVersion ?? "") ?? null,
      validatedOn: (validations[0] && versions.get(versionOf(validations[0]) ?? "")) ?? null,
      gate: judgeByGate({ precision, validation, benchmark, earlier }, gate),
      promotions: promotions.map(({ id, role, scope, scopeValue, share, createdAt, overridden }) => {
        return { id, role, scope, scopeValue, share, createdAt, overridden };
      }),
    };
  });
}

interface ProofRow {
  kind: string;
  against: unknown;
  result: unknown;
}

const versionOf = ({ against }: ProofRow): string | null =>
  z.object({ datasetVersionId: z.uuid().nullable() }).safeParse(against).data?.datasetVersionId ?? null;

async function namedVersions(db: Database, ids: readonly (string | null)[]): Promise<ReadonlyMap<string, NamedVersion>> {
  const versions = await db.datasetVersion.findMany({
    where: { id: { in: [...new Set(ids)].filter((id) => id !== null) } },
    select: { id: true, version: true, dataset: { select: { id: true, name: true } } },
  });
  return new Map(versions.map(({ id, version, dataset }) => [id, { versionId: id, datasetId: dataset.id, name: dataset.name, version }]));
}

/** @param proofs validations, the newest first, which is left out along with older ones on its data set */
function earlierValidations(proofs: readonly ProofRow[], versions: ReadonlyMap<string, NamedVersion>): ProfileView["earlier"] {
  const versionBehind = (proof: ProofRow | undefined): NamedVersion | undefined => proof && versions.get(versionOf(proof) ?? "");
  const [newest, ...older] = proofs;
  const seen = new Set([versionBehind(newest)?.datasetId]);
  return older.flatMap((proof) => {
    const on = versionBehind(proof);
    const result = validationResultSchema.safeParse(proof.result).data;
    if (!on || !result || seen.has(on.datasetId)) return [];
    seen.add(on.datasetId);
    const { drop, keptPercent, pseudoLabels, calibratedOn } = result;
    return [{ drop, keptPercent, pseudoLabels, calibratedOn, dataset: on.name }];
  });
}

/** @param proofs newest first */
function otherHosts(proofs: readonly (ProofRow & { createdAt: Date })[], hostname: string): HostSpeed[] {
  const seen = new Set([hostname]);
  return proofs.flatMap(({ kind, result, createdAt: at }) => {
    const ranOn = kind === "benchmark" ? benchmarkedHost(result) : null;
    if (ranOn === null || seen.has(ranOn)) return [];
    const benchmark = benchmarkResultSchema.safeParse(result).data;
    const smallest = benchmark?.batches.toSorted((a, b) => a.batch - b.batch)[0];
    if (!benchmark || !smallest) return [];
    const { host, provider, reference, streams } = benchmark;
    seen.add(ranOn);
    const { latencyMs, imagesPerSecond } = smallest;
    return [
      {
        ...{ hostname: host.hostname, device: host.gpu ?? host.cpu, provider, at },
        ...{ p50: latencyMs.p50, p99: latencyMs.p99, imagesPerSecond, speedup: reference?.speedup ?? null },
        streams: streams && { held: streams.held, asked: streams.asked },
      },
    ];
  });
}

export interface RunningModel {
  promotionId: string;
  profileId: string;
  name: string;
  sha256: string;
  sizeBytes: number;
  decodeSize: FrameSize | null;
  role: "active" | "shadow";
  share: number;
}

/** What a camera with these tags runs, and in its shadow: its own promotion before its tags' before the site's; null: the worker's own model. */
export function modelsFor(
  camera: { id: string; tags: readonly string[] },
  promotions: readonly PromotedProfile[],
): Record<"active" | "shadow", RunningModel | null> {
  const rank = ({ scope, scopeValue }: PromotedProfile): number => {
    if (scope === "camera") return scopeValue === camera.id ? 3 : 0;
    if (scope === "tag") return camera.tags.includes(scopeValue) ? 2 : 0;
    return scope === "site" ? 1 : 0;
  };
  const pick = (role: "active" | "shadow"): RunningModel | null => {
    const fitting = promotions.filter((one) => one.role === role && rank(one) > 0);
    fitting.sort((a, b) => rank(b) - rank(a) || b.createdAt.getTime() - a.createdAt.getTime());
    const [first] = fitting;
    return first
      ? {
          promotionId: first.id,
          profileId: first.profileId,
          name: first.name,
          sha256: first.sha256,
          sizeBytes: first.sizeBytes,
          decodeSize: first.decodeSize,
          role,
          share: first.share,
        }
      : null;
  };
  const active = pick("active");
  const shadow = pick("shadow");
  return { active, shadow: shadow?.sha256 === active?.sha256 ? null : shadow };
}

export interface PromotedProfile {
  id: string;
  profileId: string;
  name: string;
  sha256: string;
  sizeBytes: number;
  decodeSize: FrameSize | null;
  role: string;
  scope: string;
  scopeValue: string;
  share: number;
  createdAt: Date;
}

/** Promotions and shadows that count now. */
export async function listPromoted(db: Database): Promise<PromotedProfile[]> {
  const rows = await db.promotion.findMany({ where: { endedAt: null }, include: { profile: true } });
  return rows.flatMap(({ profile, ...row }) =>
    profile.sha256 === null || profile.sizeBytes === null
      ? []
      : [
          {
            ...row,
            name: profile.name,
            sha256: profile.sha256,
            sizeBytes: Number(profile.sizeBytes),
            decodeSize: buildOptionsSchema.parse(profile.options).decodeSize,
          },
        ],
  );
}

/** What an enabled camera was promoted to, and what it runs. */
export interface CameraOnAir {
  cameraId: string;
  name: string;
  /** null where no worker reports it. */
  state: CameraState | null;
  /** null: the worker's own model. */
  promoted: { profileId: string; name: string; sha256: string } | null;
  /** sha256 of the model that it runs; null where that is not known. */
  model: string | null;
  /** Why it does not run what was promoted. */
  alarm: ErrorInfo | null;
}

export async function camerasOnAir(db: Database, statuses: readonly CameraStatus[]): Promise<CameraOnAir[]> {
  const [cameras, promotions] = await Promise.all([
    db.camera.findMany({ where: { enabled: true }, select: { id: true, name: true, tags: true }, orderBy: { name: "asc" } }),
    listPromoted(db),
  ]);
  const reported = new Map(statuses.map((status) => [status.cameraId, status]));
  return cameras.map((camera) => {
    const { active } = modelsFor(camera, promotions);
    const status = reported.get(camera.id);
    return {
      cameraId: camera.id,
      name: camera.name,
      state: status?.state ?? null,
      promoted: active && { profileId: active.profileId, name: active.name, sha256: active.sha256 },
      model: status?.model ?? null,
      alarm: status?.modelAlarm ?? null,
    };
  });
}
