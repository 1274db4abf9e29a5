import type { Peer } from "../replicas/peer.ts";
import type { Replicas } from "../replicas/replicas.ts";
import { type Interest, type Watch, Watchers, type WatchKind, watchKinds } from "./watchers.ts";

/** Tiles come and go together: other replicas hear of them in one message. */
const TELL_MS = 20;

type Sets = Record<WatchKind, Set<string>>;
const setsOf = (interest: Interest): Sets => ({
  frames: new Set(interest.frames),
  previews: new Set(interest.previews),
  videos: new Set(interest.videos),
});

/** Who looks at what: browsers here, and other replicas on behalf of theirs. */
export class SharedInterest {
  private readonly here = new Watchers();
  private readonly all = new Watchers();
  private readonly ofPeers = new Map<Peer, Sets>();
  private readonly replicas: Replicas;
  private readonly changed: () => void;
  private told: Sets = setsOf({ frames: [], previews: [], videos: [] });
  private timer: NodeJS.Timeout | null = null;

  /** @param changed workers are to hear of it */
  constructor(replicas: Replicas, changed: () => void) {
    this.replicas = replicas;
    this.changed = changed;
  }

  /** Replaces what a browser here looks at; null: it left. */
  watch(viewer: string, watch: Watch | null): void {
    if (this.here.set(viewer, watch) && this.replicas.peers.size > 0) this.timer ??= setTimeout(() => this.tell(), TELL_MS);
    if (this.all.set(viewer, watch)) this.changed();
  }

  interestIn(cameraIds: ReadonlySet<string>): Interest {
    return this.all.interestIn(cameraIds);
  }

  /** For a replica that has joined: all that browsers here look at. Others hear of what they were not told yet. */
  state(): Interest {
    this.tell();
    this.told = setsOf(this.here.all());
    return this.here.all();
  }

  peerSaid(peer: Peer, { add, remove }: { add: Interest; remove: Interest }): void {
    const sets = this.ofPeers.get(peer) ?? setsOf({ frames: [], previews: [], videos: [] });
    this.ofPeers.set(peer, sets);
    for (const kind of watchKinds) {
      for (const id of add[kind]) sets[kind].add(id);
      for (const id of remove[kind]) sets[kind].delete(id);
    }
    const watch = { frames: [...sets.frames], previews: [...sets.previews], videos: [...sets.videos], status: false };
    if (this.all.set(`replica ${peer.id}`, watch)) this.changed();
  }

  peerLeft(peer: Peer): void {
    this.ofPeers.delete(peer);
    // It may be back already, by another connection.
    if ([...this.ofPeers.keys()].some(({ id }) => id === peer.id)) return;
    if (this.all.set(`replica ${peer.id}`, null)) this.changed();
  }

  /** Other replicas where somebody looks at it. */
  *peersThatWatch(kind: WatchKind, cameraId: string): Iterable<Peer> {
    for (const [peer, sets] of this.ofPeers) if (sets[kind].has(cameraId)) yield peer;
  }

  close(): void {
    if (this.timer) clearTimeout(this.timer);
  }

  private tell(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    const now = setsOf(this.here.all());
    const among = (from: Sets, others: Sets): Interest => {
      const of = (kind: WatchKind): string[] => [...from[kind]].filter((id) => !others[kind].has(id));
      return { frames: of("frames"), previews: of("previews"), videos: of("videos") };
    };
    const [add, remove] = [among(now, this.told), among(this.told, now)];
    this.told = now;
    if (watchKinds.some((kind) => add[kind].length + remove[kind].length > 0)) this.replicas.tell("interest", { add, remove });
  }
}
