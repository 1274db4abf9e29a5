import type { Detection } from "@octet/shared/domain/detection";
import { associate } from "./associate.ts";
import { Track } from "./track.ts";

export interface TrackerOptions {
  /** The first id given. Default 1. */
  firstId?: number;
  /** Detections from here on are matched first, to all tracks; weaker ones only continue tracks that are in view. Default 0.5. */
  highScore?: number;
  /** A detection below this begins no track. Default 0.3. */
  startScore?: number;
  /** Frames in a row that confirm a track. Default 2. */
  confirmHits?: number;
  /** How long an object that is out of sight keeps its id, ms; at least two and a half frames. Default 2000. */
  lostMs?: number;
}

/**
 * Follows objects through one camera's detections, in the manner of ByteTrack (Zhang et al., ECCV 2022): strong
 * detections are matched first, weak ones then keep tracks alive, and only strong ones begin tracks. Works on time
 * stamps, so that the frame rate may be low and uneven.
 */
export class Tracker {
  private readonly options: Required<TrackerOptions>;
  private tracks: Track[] = [];
  private nextId: number;
  private lastMs: number | null = null;
  /** Usual time between frames, ms. */
  private intervalMs = 0;

  constructor({ firstId = 1, highScore = 0.5, startScore = 0.3, confirmHits = 2, lostMs = 2000 }: TrackerOptions = {}) {
    this.options = { firstId, highScore, startScore, confirmHits, lostMs };
    this.nextId = firstId;
  }

  /**
   * Takes one frame's detections and its time stamp (ms; only differences matter) and returns them in the same order
   * with `trackId` set, null where the track is not confirmed yet. A time that went back (a file that loops, a camera
   * that restarted) keeps tracks in place and forgets their motion.
   */
  update(detections: readonly Detection[], ptsMs: number): Detection[] {
    this.advance(ptsMs);
    const trackOf = new Array<Track | null>(detections.length).fill(null);
    const strong: number[] = [];
    const weak: number[] = [];
    for (const [index, { score }] of detections.entries()) (score >= this.options.highScore ? strong : weak).push(index);

    const seenNow = new Set<Track>();
    const match = (tracks: Track[], candidates: number[]) => {
      const free = tracks.filter((track) => !seenNow.has(track));
      const open = candidates.filter((index) => !trackOf[index]);
      if (free.length === 0 || open.length === 0) return;
      const columnOf = associate(free.length, open.length, (row, column) => free[row]!.costOf(detections[open[column]!]!, ptsMs));
      for (const [row, track] of free.entries()) {
        const index = open[columnOf[row]!];
        if (index === undefined) continue;
        track.update(detections[index]!, ptsMs);
        trackOf[index] = track;
        seenNow.add(track);
      }
    };
    const confirmed = this.tracks.filter((track) => track.id !== null);
    match(confirmed, strong);
    match(
      confirmed.filter((track) => track.seen),
      weak,
    );
    match(
      this.tracks.filter((track) => track.id === null),
      [...strong, ...weak],
    );

    for (const [index, detection] of detections.entries()) {
      if (trackOf[index] || detection.score < this.options.startScore) continue;
      const track = new Track(detection, ptsMs);
      this.tracks.push(track);
      trackOf[index] = track;
      seenNow.add(track);
    }
    this.settle(seenNow);
    return detections.map((detection, index) => ({ ...detection, trackId: trackOf[index]?.id ?? null }));
  }

  /** Brings all tracks to the time of the new frame. */
  private advance(ptsMs: number): void {
    const elapsed = this.lastMs === null ? 0 : ptsMs - this.lastMs;
    this.lastMs = ptsMs;
    if (elapsed < 0) {
      for (const track of this.tracks) track.restart(ptsMs);
      return;
    }
    // Measured before the gap: one long silence must not make the tracks of before it current again.
    const keepMs = Math.max(this.options.lostMs, 2.5 * (this.intervalMs || elapsed));
    this.tracks = this.tracks.filter((track) => ptsMs - track.lastSeenMs <= keepMs);
    if (elapsed > 0) this.intervalMs = this.intervalMs === 0 ? elapsed : this.intervalMs + 0.1 * (elapsed - this.intervalMs);
    for (const track of this.tracks) track.predict(elapsed / 1000);
  }

  /** Confirms tracks that were seen often enough, and drops those that vanished before they were. */
  private settle(seenNow: ReadonlySet<Track>): void {
    this.tracks = this.tracks.filter((track) => {
      track.seen = seenNow.has(track);
      if (track.id === null && track.seen && track.hits >= this.options.confirmHits) track.id = this.nextId++;
      return track.seen || track.id !== null;
    });
  }
}
