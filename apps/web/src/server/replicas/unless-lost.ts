import { AppError } from "@octet/shared/errors";

interface Losable {
  readonly connected: boolean;
  once(event: "disconnect", listener: () => void): unknown;
  off(event: "disconnect", listener: () => void): unknown;
}

/** What the other end answers; rejects as soon as it has left, and waits for no time-out then. */
export async function unlessLost<T>(socket: Losable, answer: Promise<T>): Promise<T> {
  answer.catch(() => {});
  const gone = (): AppError => new AppError("WORKER_UNAVAILABLE", "It has left");
  if (!socket.connected) throw gone();
  let left = (): void => {};
  const lost = new Promise<never>((_, reject) => {
    left = () => reject(gone());
  });
  socket.once("disconnect", left);
  try {
    return await Promise.race([answer, lost]);
  } finally {
    socket.off("disconnect", left);
  }
}
