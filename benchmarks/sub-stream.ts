import { scaleClip } from "@octet/precision/bench/scale-clip";

/** So small that dozens of them can be decoded on two cores at 25 frames a second. */
export const SUB = { width: 320, height: 180 };

/** The first ten seconds of the clip, as the sub-stream of a camera would have them. */
export const subStream = (from: string, to: string): Promise<void> => scaleClip(from, to, SUB);
