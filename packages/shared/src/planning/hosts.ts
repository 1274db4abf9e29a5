/** Hosts with one such GPU each, so that one may fail. */
export interface HostPlan {
  /** Streams that one host carries. */
  streamsPerHost: number;
  /** For all streams; null where not even one stream fits. */
  needed: number | null;
  /** One more: N+1. */
  withSpare: number | null;
  /** Streams of the fullest host while all run, and once one is lost. */
  streamsEach: number | null;
  streamsEachAfterLoss: number | null;
}

export function hostPlan(streams: number, streamsPerHost: number): HostPlan {
  if (streamsPerHost < 1) return { streamsPerHost, needed: null, withSpare: null, streamsEach: null, streamsEachAfterLoss: null };
  const needed = Math.ceil(streams / streamsPerHost);
  return {
    streamsPerHost,
    needed,
    withSpare: needed + 1,
    streamsEach: Math.ceil(streams / (needed + 1)),
    streamsEachAfterLoss: Math.ceil(streams / needed),
  };
}
