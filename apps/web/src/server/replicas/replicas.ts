import type { Peer } from "./peer.ts";
import type { ReplicaEvents } from "./replica-events.ts";

export interface ReplicaListener {
  /** Say what this replica knows, and listen. */
  peerJoined(peer: Peer): void;
  peerLeft(peer: Peer): void;
  /** This replica leads from now on, or does not any more. */
  leads(leads: boolean): void;
}

/** This replica among the others. On its own it leads, and telling the others costs nothing. */
export class Replicas {
  leads: boolean;
  private readonly joined = new Set<Peer>();
  private listener: ReplicaListener | null = null;

  constructor(leads = true) {
    this.leads = leads;
  }

  listen(listener: ReplicaListener): void {
    this.listener = listener;
  }

  get peers(): ReadonlySet<Peer> {
    return this.joined;
  }

  /** The other replica that leads, as far as is known. */
  leader(): Peer | undefined {
    for (const peer of this.joined) if (peer.leads) return peer;
    return undefined;
  }

  tell<E extends keyof ReplicaEvents>(event: E, payload: ReplicaEvents[E]): void {
    for (const peer of this.joined) peer.send(event, payload);
  }

  add(peer: Peer): void {
    this.joined.add(peer);
    peer.on("leads", ({ leads }) => {
      peer.leads = leads;
    });
    this.listener?.peerJoined(peer);
  }

  remove(peer: Peer): void {
    if (this.joined.delete(peer)) this.listener?.peerLeft(peer);
  }

  setLeads(leads: boolean): void {
    if (this.leads === leads) return;
    this.leads = leads;
    this.tell("leads", { leads });
    this.listener?.leads(leads);
  }
}
