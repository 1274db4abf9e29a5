import { openReplicaChannel } from "@octet/db/replicas/replica-channel";
import type { Logger } from "pino";
import type { Server } from "socket.io";
import { Membership } from "../replicas/membership.ts";
import { PeerMesh } from "../replicas/peer-mesh.ts";
import type { Replicas } from "../replicas/replicas.ts";

export interface Others {
  /** Resolves once this process has tried to lead. */
  start(): Promise<void>;
  stepDown(): Promise<void>;
  close(): void;
}

/** Has this process know, and be known by, the other web processes on the database, and lead where no other does. */
export function joinReplicas(options: {
  io: Server;
  replicas: Replicas;
  databaseUrl: string;
  /** Where the others reach this process. */
  url: string;
  key: Buffer;
  logger: Logger;
}): Others {
  const { replicas, logger, databaseUrl } = options;
  const mesh = new PeerMesh({ ...options, onLeft: () => membership.hurry() });
  const membership = new Membership({
    open: (events) => openReplicaChannel(databaseUrl, events),
    announcement: mesh.announcement,
    heard: (text) => mesh.heard(text),
    leads: (leads) => replicas.setLeads(leads),
    logger,
  });
  return { start: () => membership.start(), stepDown: () => membership.close(), close: () => mesh.close() };
}
