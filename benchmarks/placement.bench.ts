// Cost of placing cameras as a fleet grows, on the placement that the gateway runs, without a network: every camera new,
// a host that dies, a host that joins, measured capacities that waver. Hosts are of three sizes and cameras of four, a tenth
// of them bound to a site by labels. Evenness is held against the bound that no placement can beat (total demand over total
// capacity) and against sharing cameras out by number, as schedulers without measured demand do.
//
//   npm run bench -- placement [--hosts N,N,…] [--cameras N: a host] [--rounds N]
import { parseArgs } from "node:util";
import { median } from "@octet/precision/bench/statistics";
import { anywhere } from "@octet/shared/domain/placement";
import { assignCameras, type PlacedCamera, type PlacementWorker, share } from "../apps/web/src/server/placement/assign.ts";
import { writeResult } from "./report.ts";

const { values } = parseArgs({
  options: {
    hosts: { type: "string", default: "10,25,50,100,200" },
    cameras: { type: "string", default: "50" },
    rounds: { type: "string", default: "3" },
  },
});
const say = (text: string) => process.stdout.write(`${text}\n`);
const perHost = Number(values.cameras);
const PIXELS = 1920 * 1080;
/** Linear congruential: the same fleet each time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function fleet(hosts: number): { workers: PlacementWorker[]; cameras: PlacedCamera[] } {
  const random = seeded(hosts);
  const sites = Math.max(2, Math.round(hosts / 10));
  const workers = Array.from({ length: hosts }, (_, index): PlacementWorker => {
    const size = [1, 2, 4][index % 3]!;
    return {
      id: `h${String(index).padStart(3, "0")}`,
      labels: new Set([`site=${index % sites}`]),
      draining: false,
      capacity: {
        detectionsPerSecond: 200 * size,
        pixelsPerSecond: 40 * 25 * PIXELS * size,
        memoryBytes: 8 * 2 ** 30 * size,
        sharedCores: false,
      },
    };
  });
  const cameras = Array.from({ length: hosts * perHost }, (_, index): PlacedCamera => {
    const [pixels, fps, detections] = [
      [PIXELS, 25, 5],
      [PIXELS, 15, 5],
      [PIXELS / 4, 25, 5],
      [4 * PIXELS, 25, 2],
    ][Math.floor(random() * 4)] as [number, number, number];
    const bound = random() < 0.1;
    return {
      id: `c${String(index).padStart(5, "0")}`,
      workerId: null,
      rule: bound ? { ...anywhere, require: [`site=${Math.floor(random() * sites)}`] } : anywhere,
      demand: { detectionsPerSecond: detections, pixelsPerSecond: pixels * fps, memoryBytes: 32 * 2 ** 20 + 18 * pixels },
    };
  });
  return { workers, cameras };
}

interface Step {
  ms: number;
  moves: number;
  rounds: number;
  placed: PlacedCamera[];
}

function settle(before: readonly PlacedCamera[], workers: readonly PlacementWorker[]): Step {
  let placed = [...before];
  let moves = 0;
  const began = performance.now();
  for (let rounds = 1; ; rounds++) {
    const { changes, unsettled } = assignCameras(placed, workers);
    moves += changes.size;
    placed = placed.map((camera) => (changes.has(camera.id) ? { ...camera, workerId: changes.get(camera.id)! } : camera));
    if (!unsettled) return { ms: performance.now() - began, moves, rounds, placed };
  }
}

const sum = (cameras: readonly PlacedCamera[]) =>
  cameras.reduce(
    (total, { demand }) => ({
      detectionsPerSecond: total.detectionsPerSecond + demand.detectionsPerSecond,
      pixelsPerSecond: total.pixelsPerSecond + demand.pixelsPerSecond,
      memoryBytes: total.memoryBytes + demand.memoryBytes,
    }),
    { detectionsPerSecond: 0, pixelsPerSecond: 0, memoryBytes: 0 },
  );
function fullest(placed: readonly PlacedCamera[], workers: readonly PlacementWorker[]): number {
  const groups = new Map<string | null, PlacedCamera[]>();
  for (const camera of placed) {
    const group = groups.get(camera.workerId);
    if (group) group.push(camera);
    else groups.set(camera.workerId, [camera]);
  }
  return Math.max(...workers.map((worker) => share(worker, sum(groups.get(worker.id) ?? []))));
}

const rows = [];
for (const hosts of values.hosts.split(",").map(Number)) {
  const { workers, cameras } = fleet(hosts);
  const runs = Array.from({ length: Number(values.rounds) }, () => {
    const first = settle(cameras, workers);
    const still = settle(first.placed, workers);
    const lost = settle(first.placed, workers.slice(1));
    const joined = settle(lost.placed, workers);
    const random = seeded(7);
    const wavering = workers.map((worker) => ({
      ...worker,
      capacity: { ...worker.capacity, detectionsPerSecond: worker.capacity.detectionsPerSecond * (0.96 + 0.08 * random()) },
    }));
    return { first, still, lost, joined, wavered: settle(first.placed, wavering) };
  });
  const of = (step: "first" | "still" | "lost" | "joined" | "wavered") => ({
    ms: median(runs.map((run) => run[step].ms)),
    moves: runs[0]![step].moves,
    rounds: runs[0]![step].rounds,
  });
  const capacity = workers.reduce(
    (total, { capacity: each }) => ({
      detectionsPerSecond: total.detectionsPerSecond + each.detectionsPerSecond,
      pixelsPerSecond: total.pixelsPerSecond! + each.pixelsPerSecond!,
      memoryBytes: total.memoryBytes + each.memoryBytes,
      sharedCores: false,
    }),
    { detectionsPerSecond: 0, pixelsPerSecond: 0, memoryBytes: 0, sharedCores: false },
  );
  const bound = share({ capacity }, sum(cameras));
  const byNumber = cameras.map((camera, index) => ({ ...camera, workerId: workers[index % workers.length]!.id }));
  const orphans = runs[0]!.first.placed.filter(({ workerId }) => workerId === workers[0]!.id).length;
  rows.push({
    hosts,
    cameras: cameras.length,
    first: of("first"),
    still: of("still"),
    hostLost: { ...of("lost"), orphans },
    hostJoined: of("joined"),
    capacitiesWavered: of("wavered"),
    fullestOverBound: fullest(runs[0]!.first.placed, workers) / bound,
    fullestOverBoundByNumber: fullest(byNumber, workers) / bound,
  });
  const row = rows.at(-1)!;
  say(
    `${hosts} hosts, ${cameras.length} cameras: all placed in ${row.first.ms.toFixed(0)} ms; nothing to do ${row.still.ms.toFixed(0)} ms, ${row.still.moves} moves; a host lost: ${row.hostLost.moves} moves for ${orphans} orphans, ${row.hostLost.ms.toFixed(0)} ms; one joined: ${row.hostJoined.moves} moves in ${row.hostJoined.rounds} rounds, ${row.hostJoined.ms.toFixed(0)} ms; capacities ±4 %: ${row.capacitiesWavered.moves} moves; fullest host ${row.fullestOverBound.toFixed(2)}× the bound (by number: ${row.fullestOverBoundByNumber.toFixed(2)}×)`,
  );
}
say(
  `\nWritten to ${writeResult("placement", { camerasPerHost: perHost, units: { ms: "milliseconds, all rounds together, median" }, results: rows })}`,
);
