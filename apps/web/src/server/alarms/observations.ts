import type { CameraStatus } from "@octet/shared/domain/camera";
import type { AlarmFacts } from "./facts.ts";

interface Sample {
  at: number;
  scaled: number;
  inferred: number;
}

interface Watched {
  workerId: string | null;
  detectFps: number;
  samples: readonly Sample[];
}

/** What is remembered of cameras and workers from one look to the next. */
export interface Observations {
  cameras: ReadonlyMap<string, Watched>;
  /** By worker: records that its spool has given up, and how many of them since the look before. */
  losses: ReadonlyMap<string, { records: number; fresh: number }>;
}

export const nothingObserved: Observations = { cameras: new Map(), losses: new Map() };

const WINDOW_MS = 30_000;
/** A rate is told by so many frames at least: a slow camera is looked at for longer. */
const FRAMES = 10;

/** How long a camera of this rate is looked at, ms. */
const rateWindowMs = (fps: number): number => Math.max(WINDOW_MS, (FRAMES / fps) * 1000);

/** Adds what is seen now. Counters that fell, another worker or another rate begin anew; so does a camera that is not online. */
export function observe(before: Observations, { cameras, workers }: AlarmFacts, now: number): Observations {
  const nextCameras = new Map<string, Watched>();
  for (const { id, detectFps, status } of cameras) {
    if (status?.state !== "online") continue;
    const known = before.cameras.get(id);
    const last = known?.samples.at(-1);
    const { scaled, inferred } = status.counters;
    const goesOn =
      last !== undefined &&
      known?.workerId === status.workerId &&
      known.detectFps === detectFps &&
      scaled >= last.scaled &&
      inferred >= last.inferred;
    const samples = [...(goesOn ? (known?.samples ?? []) : []), { at: now, scaled, inferred }];
    // The newest sample that is as old as the window stays: the window is whole only with it.
    const from = samples.findLastIndex(({ at }) => at <= now - rateWindowMs(detectFps));
    nextCameras.set(id, { workerId: status.workerId, detectFps, samples: from > 0 ? samples.slice(from) : samples });
  }
  const losses = new Map<string, { records: number; fresh: number }>();
  for (const { id, load } of workers) {
    const known = before.losses.get(id);
    if (!load) {
      if (known) losses.set(id, { ...known, fresh: 0 });
      continue;
    }
    const records = load.spool.lostRecords;
    // A worker that was restarted counts from nought; one that is seen for the first time may have lost its records long ago.
    losses.set(id, { records, fresh: known ? (records >= known.records ? records - known.records : records) : 0 });
  }
  return { cameras: nextCameras, losses };
}

/** Frames a second over the whole window; null where it was not watched for so long. */
export function ratesOf(
  { cameras }: Observations,
  { id, detectFps }: { id: string; detectFps: number },
): { scaled: number; inferred: number } | null {
  const samples = cameras.get(id)?.samples ?? [];
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last || last.at - first.at < rateWindowMs(detectFps)) return null;
  const seconds = (last.at - first.at) / 1000;
  return { scaled: (last.scaled - first.scaled) / seconds, inferred: (last.inferred - first.inferred) / seconds };
}

/** What a camera can give: not more than its stream has, nor than its worker lets it. */
export function attainable(detectFps: number, { streamFps, granted }: Pick<CameraStatus, "streamFps" | "granted">): number {
  return Math.min(detectFps, granted ?? detectFps, streamFps > 0 ? streamFps : detectFps);
}
