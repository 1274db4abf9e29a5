import type { PayloadOf } from "@octet/shared/protocol/catalogue";
import type { BrowserToGateway } from "@octet/shared/protocol/live-protocol";

export type Watch = PayloadOf<BrowserToGateway, "watch">;

export interface Interest {
  frames: string[];
  previews: string[];
  videos: string[];
}

export const watchKinds = ["frames", "previews", "videos"] as const;
export type WatchKind = (typeof watchKinds)[number];

/** Who looks at what, so that workers encode and send only what is on some screen. Pure bookkeeping. */
export class Watchers {
  private readonly counts: Record<WatchKind, Map<string, number>> = { frames: new Map(), previews: new Map(), videos: new Map() };
  private readonly byViewer = new Map<string, Watch>();

  /** Replaces what one viewer looks at (null: it left). Returns true where the union of all changed. */
  set(viewer: string, watch: Watch | null): boolean {
    const before = this.byViewer.get(viewer);
    let changed = false;
    for (const kind of watchKinds) {
      const counts = this.counts[kind];
      for (const id of new Set(watch?.[kind] ?? [])) {
        const count = counts.get(id) ?? 0;
        counts.set(id, count + 1);
        if (count === 0) changed = true;
      }
      for (const id of new Set(before?.[kind] ?? [])) {
        const count = counts.get(id) ?? 0;
        if (count > 1) counts.set(id, count - 1);
        else {
          counts.delete(id);
          changed = true;
        }
      }
    }
    if (watch) this.byViewer.set(viewer, watch);
    else this.byViewer.delete(viewer);
    return changed;
  }

  /** What anybody looks at, among `cameraIds`. */
  interestIn(cameraIds: ReadonlySet<string>): Interest {
    const among = (kind: WatchKind): string[] => [...this.counts[kind].keys()].filter((id) => cameraIds.has(id));
    return { frames: among("frames"), previews: among("previews"), videos: among("videos") };
  }

  /** What anybody looks at. */
  all(): Interest {
    return { frames: [...this.counts.frames.keys()], previews: [...this.counts.previews.keys()], videos: [...this.counts.videos.keys()] };
  }
}
