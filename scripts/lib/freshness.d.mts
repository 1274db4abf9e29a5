/** sha256 over names and contents of all files below `entries`, paths from the root, and over `extra`. */
export function fingerprint(entries: readonly string[], extra?: string): string;
/** Runs `make` unless `marker` says that the same fingerprint was made already. Returns whether it ran. */
export function makeIfStale(marker: string, print: string, make: () => Promise<void>): Promise<boolean>;
