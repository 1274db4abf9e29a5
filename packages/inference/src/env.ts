/**
 * Sets variables that native libraries read in any thread of this process. Only the main thread's `process.env` is the
 * process's own; a worker thread's is a copy.
 */
export function setEnvironment(values: Readonly<Record<string, string>>): void {
  Object.assign(process.env, values);
}

/** Folders in which the loader looks for libraries, besides the system's. */
export function libraryFolders(): string[] {
  return (process.env.LD_LIBRARY_PATH ?? "").split(":").filter(Boolean);
}
