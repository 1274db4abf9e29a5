// What scheduling costs as a fleet grows, in simulated time: the very scheduler, service model and overload control of the live
// path, 50 cameras of 25 frames and 5 detections a second a host, on hosts whose sessions do 300 of them a second by batches. In
// the middle a fifth of the hosts is lost, and their cameras go to the others 7 s later. The limit is the work itself: each
// offered frame has to be looked at once.
//
//   npm run bench -- scheduler [--seconds N]
import { parseArgs } from "node:util";
import { type SimulatedCamera, simulateHost } from "@octet/pipeline/schedule/simulate";
import { writeResult } from "./report.ts";

const { values } = parseArgs({ options: { seconds: { type: "string", default: "40" } } });
const seconds = Number(values.seconds);
const CAMERAS_A_HOST = 50;
const FAIL_OVER_SECONDS = 7;

function simulateFleet(hosts: number) {
  const failAt = seconds / 2;
  const lost = hosts > 1 ? Math.max(1, Math.round(hosts / 5)) : 0;
  const fleet: SimulatedCamera[][] = Array.from({ length: hosts }, () => []);
  let orphan = 0;
  for (let index = 0; index < hosts * CAMERAS_A_HOST; index++) {
    const host = index % hosts;
    const camera = {
      id: String(index),
      streamFps: 25,
      detectFps: 5,
      priority: Math.floor(index / hosts) % 10 === 0 ? 1 : 0,
      from: 0,
      to: seconds,
    };
    fleet[host]!.push(host < lost ? { ...camera, to: failAt } : camera);
    if (host < lost) fleet[lost + (orphan++ % (hosts - lost))]!.push({ ...camera, from: failAt + FAIL_OVER_SECONDS });
  }
  const began = performance.now();
  const totals = { offered: 0, inferred: 0, lost: 0, p99: 0, least: Number.POSITIVE_INFINITY, leastOfHigh: Number.POSITIVE_INFINITY };
  for (const [host, cameras] of fleet.entries()) {
    const result = simulateHost({
      cameras,
      sessions: 1,
      maxBatch: 8,
      holdMs: 3,
      runMs: (frames, _, random) => 6 + 2.5 * frames + random,
      sourceMs: (random) => 5 + 15 * random,
      budgetMs: 200,
      seconds,
      warmUpSeconds: 5,
      seed: host,
      floorFps: 0.5,
    });
    totals.offered += result.offered;
    totals.inferred += result.inferred;
    totals.lost += result.lost;
    totals.p99 = Math.max(totals.p99, result.p99);
    for (const { id, priority, from, to } of cameras) {
      if (Math.min(to, seconds) - Math.max(5, from) < 5) continue;
      const rate = result.rates.get(id) ?? 0;
      totals.least = Math.min(totals.least, rate);
      if (priority > 0) totals.leastOfHigh = Math.min(totals.leastOfHigh, rate);
    }
  }
  const ms = performance.now() - began;
  return {
    hosts,
    lostHosts: lost,
    cameras: hosts * CAMERAS_A_HOST,
    wallSeconds: Number((ms / 1000).toFixed(2)),
    simulatedOverWall: Number(((1000 * seconds * hosts) / ms).toFixed(1)),
    microsecondsAFrame: Number(((1000 * ms) / totals.offered).toFixed(2)),
    offered: totals.offered,
    lostShare: Number((totals.lost / totals.offered).toFixed(5)),
    worstHostP99Ms: Number(totals.p99.toFixed(1)),
    leastRate: Number(totals.least.toFixed(2)),
    leastRateOfHighPriority: Number(totals.leastOfHigh.toFixed(2)),
  };
}

simulateFleet(10);
const fleets = [1, 10, 50, 200].map((hosts) => {
  const result = simulateFleet(hosts);
  process.stdout.write(`${JSON.stringify(result)}\n`);
  return result;
});
const first = fleets[0]!.microsecondsAFrame;
const last = fleets.at(-1)!.microsecondsAFrame;
process.stdout.write(`cost of a frame at 200 hosts over one: ${(last / first).toFixed(2)}\n`);
process.stdout.write(
  `${writeResult("scheduler", { simulatedSeconds: seconds, camerasAHost: CAMERAS_A_HOST, costRatio: Number((last / first).toFixed(3)), fleets })}\n`,
);
