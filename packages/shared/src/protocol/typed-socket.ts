import { AppError } from "../errors.ts";
import type { AckOf, Catalogue, PayloadOf } from "./catalogue.ts";

// biome-ignore lint/suspicious/noExplicitAny: what arrives is anything, and is parsed before it is used
type Listener = (...args: any[]) => void;

/** The part of a socket.io socket (server's or client's) that is used here. */
export interface SocketLike {
  on(event: string, listener: Listener): unknown;
  off(event: string, listener: Listener): unknown;
  emit(event: string, ...args: unknown[]): unknown;
  timeout(ms: number): { emit(event: string, ...args: unknown[]): unknown };
}

/** Listens for one event, parses its payload, and sends what the handler returns as the ack. */
export function onEvent<C extends Catalogue, E extends keyof C & string>(
  socket: SocketLike,
  catalogue: C,
  event: E,
  handler: (payload: PayloadOf<C, E>) => AckOf<C, E> | Promise<AckOf<C, E>> | void | Promise<void>,
  onError: (error: AppError, event: string) => void,
): () => void {
  const listener = (raw: unknown, reply?: (value: unknown) => void): void => {
    const parsed = catalogue[event]?.payload.safeParse(raw);
    if (!parsed?.success) {
      const error = new AppError(
        "PROTOCOL_MISMATCH",
        `Event ${event} has an unexpected shape: ${parsed?.error.issues[0]?.path.join(".")} ${parsed?.error.issues[0]?.message}`,
        {
          hint: "Run the same version of Octet on both ends.",
        },
      );
      onError(error, event);
      reply?.({ ok: false, error: error.toInfo() });
      return;
    }
    Promise.resolve()
      .then(() => handler(parsed.data as PayloadOf<C, E>))
      .then((value) => reply?.(value))
      .catch((cause: unknown) => {
        const error = AppError.from(cause);
        onError(error, event);
        reply?.({ ok: false, error: error.toInfo() });
      });
  };
  socket.on(event, listener);
  return () => {
    socket.off(event, listener);
  };
}

/** Sends an event that needs no answer. */
export function sendEvent<C extends Catalogue, E extends keyof C & string>(
  socket: Pick<SocketLike, "emit">,
  _catalogue: C,
  event: E,
  payload: PayloadOf<C, E>,
): void {
  socket.emit(event, payload);
}

/** Sends an event and resolves with its parsed ack; rejects with a typed error after `timeoutMs`. */
export function askEvent<C extends Catalogue, E extends keyof C & string>(
  socket: SocketLike,
  catalogue: C,
  event: E,
  payload: PayloadOf<C, E>,
  timeoutMs: number,
): Promise<AckOf<C, E>> {
  return new Promise((resolve, reject) => {
    socket.timeout(timeoutMs).emit(event, payload, (error: Error | null, raw: unknown) => {
      if (error) {
        reject(new AppError("WORKER_UNAVAILABLE", `No answer to ${event} within ${timeoutMs} ms`, { cause: error }));
        return;
      }
      const parsed = catalogue[event]?.ack?.safeParse(raw);
      if (!parsed?.success) reject(new AppError("PROTOCOL_MISMATCH", `The answer to ${event} has an unexpected shape`));
      else resolve(parsed.data as AckOf<C, E>);
    });
  });
}
