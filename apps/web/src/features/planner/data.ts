import type { Database } from "@octet/db/client";
import type { CameraStatus } from "@octet/shared/domain/camera";
import { detectorFamilySchema } from "@octet/shared/domain/model";
import { benchmarkResultSchema, precisionSchema } from "@octet/shared/domain/profile";
import { type FleetBenchmark, type FleetHost, fleetBenchmark, fleetHost } from "@octet/shared/planning/fleet-host";
import type { GatewayPort } from "../../server/runtime.ts";
import { listWorkers } from "../workers/data.ts";

/** The hosts of this fleet and what they reach, those with a telling measurement first. */
export async function listFleetHosts(
  db: Database,
  live: ReturnType<GatewayPort["workers"]>,
  cameras: readonly CameraStatus[],
): Promise<FleetHost[]> {
  const running = new Map<string, Set<string>>();
  for (const { workerId, model } of cameras) if (workerId && model) running.set(workerId, (running.get(workerId) ?? new Set()).add(model));
  const hosts = (await listWorkers(db, live)).map((worker) => fleetHost(worker, running.get(worker.id) ?? new Set()));
  return hosts.sort((a, b) => Number(b.inference !== null) - Number(a.inference !== null) || a.name.localeCompare(b.name));
}

const MOST_BENCHMARKS = 50;

/** What benchmarks of profiles reached on hosts of this fleet: the newest of each profile, newest first. */
export async function listFleetBenchmarks(db: Database): Promise<FleetBenchmark[]> {
  const proofs = await db.proof.findMany({
    where: { kind: "benchmark" },
    orderBy: { createdAt: "desc" },
    distinct: ["profileId"],
    take: MOST_BENCHMARKS,
    include: { profile: { select: { name: true, precision: true, model: { select: { name: true, family: true } } } } },
  });
  return proofs.flatMap(({ id, createdAt, result, profile }) => {
    // What another version measured may have another shape.
    const parsed = benchmarkResultSchema.safeParse(result);
    if (!parsed.success) return [];
    const family = detectorFamilySchema.parse(profile.model.family);
    const precision = precisionSchema.parse(profile.precision);
    const model = { name: profile.model.name, family };
    return fleetBenchmark({ id, profile: profile.name, precision, model, at: createdAt, result: parsed.data }) ?? [];
  });
}
