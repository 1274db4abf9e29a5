/** A worker that is away is known by the beginning of its id. */
export const workerName = (id: string, workers: readonly { id: string; name: string }[]): string =>
  workers.find((worker) => worker.id === id)?.name ?? id.slice(0, 8);
