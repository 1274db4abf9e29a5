/**
 * The `UV_THREADPOOL_SIZE` that a process needs to run `cameras` network sources. Each stalled camera holds
 * one libuv thread, in a blocking read, until the watchdog interrupts it: with the default of four, four
 * stalled cameras stop every other camera, DNS and file access. To be set before the process starts.
 */
export function recommendedUvThreads(cameras: number): number {
  // libuv caps the pool at 1024.
  return Math.min(1024, Math.max(0, Math.ceil(cameras)) + 8);
}
