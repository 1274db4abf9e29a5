/** The part of socket.io-client's `Manager` that is used here. */
interface Connecting {
  timeout(ms: number): unknown;
  on(event: "reconnect_attempt", listener: (attempt: number) => void): unknown;
}

const FIRST_MS = 2000;
/** socket.io's default for each attempt. */
const LAST_MS = 20_000;

/** How long an attempt to connect may take, ms. @param attempt 0 for the first one, then socket.io's count, which begins anew with each connection */
export const connectTimeout = (attempt: number): number => Math.min(LAST_MS, FIRST_MS * 2 ** Math.max(0, attempt - 2));

/**
 * Gives the first attempts less time than the later ones. Behind a balancer the first may go to a process that has just ended,
 * whose address answers nothing, and the next one to another that is well: with 20 s for each, a worker's cameras are long
 * elsewhere by then. Where all are slow instead, patience comes back soon.
 */
export function growConnectTimeout(manager: Connecting): void {
  manager.timeout(connectTimeout(0));
  manager.on("reconnect_attempt", (attempt) => manager.timeout(connectTimeout(attempt)));
}
