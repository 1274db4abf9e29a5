/** Silence after which a connection is lost, though nobody closed it: 6.5 s at most. */
export const HEARTBEAT = { pingInterval: 2500, pingTimeout: 4000 };
