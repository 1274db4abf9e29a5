/** Milliseconds of a clock that only goes forward and that all threads of a process share, unlike their `performance.now()`. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;
