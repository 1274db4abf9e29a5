import type { Provider } from "./session-messages.ts";

/**
 * Providers whose sessions share one device in a process, and crash where two threads use it at once. Seen of WebGPU with ONNX
 * Runtime 1.30: two sessions made at the same time end the process with SIGSEGV, two that run with a corrupted heap. One after
 * the other they are well, whichever thread's turn it is.
 */
const oneAtATime: ReadonlySet<Provider> = new Set<Provider>(["webgpu"]);
const FREE = 0;
const TAKEN = 1;

const sharedDevice = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);

/** What the threads of this process share whose sessions take turns; undefined where they need not. For the thread that starts them. */
export const turnsFor = (provider: Provider): SharedArrayBuffer | undefined => (oneAtATime.has(provider) ? sharedDevice : undefined);

/**
 * Does the work while no other thread does any in the same turns. Blocks the thread that waits: it must have nothing else to do,
 * and above all not be at a turn of its own.
 */
export async function inTurn<T>(turns: SharedArrayBuffer | undefined, work: () => Promise<T>): Promise<T> {
  if (!turns) return work();
  const state = new Int32Array(turns);
  while (Atomics.compareExchange(state, 0, FREE, TAKEN) !== FREE) Atomics.wait(state, 0, TAKEN);
  try {
    return await work();
  } finally {
    Atomics.store(state, 0, FREE);
    Atomics.notify(state, 0, 1);
  }
}
