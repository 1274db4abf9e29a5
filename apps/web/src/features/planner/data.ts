import type { Database } from "@octet/db/client";
import { benchmarkedHost } from "@octet/shared/domain/benchmarked-host";
import type { CameraStatus } from "@octet/shared/domain/camera";
import { detectorFamilySchema } from "@octet/shared/domain/model";
import { benchmarkResultSchema, precisionSchema } from "@octet/shared/domain/profile";
import { fleetBenchmark, fleetHost } from "@octet/shared/planning/fleet-host";
import { countedModels, type FleetBenchmark, type FleetHost, type FleetModel } from "@octet/shared/planning/fleet-report";
import { type SiteCameras, siteCameras } from "@octet/shared/planning/site-cameras";
import type { GatewayPort } from "../../server/runtime.ts";
import { listModels } from "../models/data.ts";
import { listWorkers } from "../workers/data.ts";

/** The models of this site, by name. */
export async function listFleetModels(db: Database): Promise<FleetModel[]> {
  return (await listModels(db)).map(({ id, sha256, name, inputWidth, inputHeight, cost }) => ({
    modelId: id,
    id: sha256,
    name,
    input: { width: inputWidth, height: inputHeight },
    cost,
  }));
}

/** sha256 of those that can be planned for. */
const countedOf = (models: readonly FleetModel[]): Set<string> => new Set(countedModels(models).map(({ id }) => id));

/** The hosts of this fleet and what they reach, those with a telling measurement first. */
export async function listFleetHosts(
  db: Database,
  live: ReturnType<GatewayPort["workers"]>,
  cameras: readonly CameraStatus[],
  models: readonly FleetModel[],
): Promise<FleetHost[]> {
  const counted = countedOf(models);
  const running = new Map<string, CameraStatus[]>();
  for (const camera of cameras) {
    const beside = running.get(camera.workerId ?? "");
    if (beside) beside.push(camera);
    else running.set(camera.workerId ?? "", [camera]);
  }
  const hosts = (await listWorkers(db, live)).map((worker) => fleetHost(worker, running.get(worker.id) ?? [], counted));
  return hosts.sort((a, b) => Number(b.inference !== null) - Number(a.inference !== null) || a.name.localeCompare(b.name));
}

/** The enabled cameras by what they send now. */
export async function listCameraKinds(db: Database, statuses: readonly CameraStatus[]): Promise<SiteCameras> {
  const now = new Map(statuses.map(({ cameraId, stream }) => [cameraId, stream]));
  const rows = await db.camera.findMany({ where: { enabled: true }, select: { id: true, detectFps: true } });
  return siteCameras(rows.map(({ id, detectFps }) => ({ detectFps, stream: now.get(id) ?? null })));
}

const MOST_BENCHMARKS = 50;
/** A profile may have been measured on a host many times. */
const LOOKED_AT = 500;

/** What benchmarks of profiles reached on hosts of this fleet: the newest of each profile on each host, newest first. */
export async function listFleetBenchmarks(db: Database, models: readonly FleetModel[]): Promise<FleetBenchmark[]> {
  const counted = countedOf(models);
  const proofs = await db.proof.findMany({
    where: { kind: "benchmark" },
    orderBy: { createdAt: "desc" },
    take: LOOKED_AT,
    include: { profile: { select: { name: true, precision: true, model: { select: { name: true, family: true, sha256: true } } } } },
  });
  const seen = new Set<string>();
  const benchmarks = proofs.flatMap(({ id, createdAt, result, profileId, profile }) => {
    const place = `${profileId} ${benchmarkedHost(result)}`;
    if (seen.has(place)) return [];
    // What another version measured may have another shape.
    const parsed = benchmarkResultSchema.safeParse(result);
    if (!parsed.success) return [];
    seen.add(place);
    const family = detectorFamilySchema.parse(profile.model.family);
    const precision = precisionSchema.parse(profile.precision);
    const { name, sha256 } = profile.model;
    const proof = { id, profile: profile.name, precision, model: { name, sha256, family }, at: createdAt, result: parsed.data };
    return fleetBenchmark(proof, counted) ?? [];
  });
  return benchmarks.slice(0, MOST_BENCHMARKS);
}
