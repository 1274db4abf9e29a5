/**
 * An average precision whose images can be weighted: what a bootstrap needs. Image `i` counts `weights[i]` times;
 * without weights each counts once.
 */
export interface ResamplableAp {
  /** How many images it is over. */
  images: number;
  /** 0–1; null where the weighted images hold no counted object. */
  ap(weights?: Uint32Array): number | null;
}
