/** Frames of a live stream, where `--frames` does not say. */
export const LIVE_FRAMES = 25;
