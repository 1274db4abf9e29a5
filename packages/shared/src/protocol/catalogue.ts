import type { z } from "zod";

/** One event of the socket catalogue: what is sent and, where it is acknowledged, what comes back. */
export type EventSpec = { payload: z.ZodType; ack?: z.ZodType };
export type Catalogue = Record<string, EventSpec>;

export type PayloadOf<C extends Catalogue, E extends keyof C> = z.output<C[E]["payload"]>;
export type AckOf<C extends Catalogue, E extends keyof C> = C[E]["ack"] extends z.ZodType ? z.output<C[E]["ack"]> : undefined;

/** The major part must agree between worker and gateway; see docs/protocol.md. */
export const PROTOCOL_VERSION = 8;
