import { AppError } from "@octet/shared/errors";

/** What `decodeModel` accepts at most; more is refused before memory is taken for it. */
export interface DecodeLimits {
  /** Messages, strings and attribute elements, together: a crafted file makes millions out of two bytes each. */
  parts: number;
  /** Graphs within graphs (If, Loop, Scan). */
  graphDepth: number;
  /** Elements of one tensor's shape, and of one value's. */
  rank: number;
}

export const decodeLimits: DecodeLimits = { parts: 4_000_000, graphDepth: 16, rank: 64 };

/** Bytes of a tensor whose data lies in another file. `length` is undefined where the model does not say it. */
export type ExternalData = (place: { location: string; offset: number; length: number | undefined; tensor: string }) => Uint8Array;

/** What one decoding carries along: its limits and what is used of them. */
export class DecodeState {
  readonly limits: DecodeLimits;
  readonly externalData: ExternalData | undefined;
  private parts = 0;
  private depth = 0;

  constructor(limits: DecodeLimits, externalData: ExternalData | undefined) {
    this.limits = limits;
    this.externalData = externalData;
  }

  charge(parts: number): void {
    this.parts += parts;
    if (this.parts > this.limits.parts)
      throw new AppError("MODEL_INVALID", `The model has more than ${this.limits.parts} nodes, names and values`, {
        hint: "No detector is like that. Check where the file comes from.",
      });
  }

  /** @throws AppError MODEL_INVALID where graphs are nested too deeply */
  nested<T>(inner: () => T): T {
    if (this.depth >= this.limits.graphDepth)
      throw new AppError("MODEL_INVALID", `Graphs are nested more than ${this.limits.graphDepth} deep`, {
        hint: "Check where the file comes from.",
      });
    this.depth++;
    try {
      return inner();
    } finally {
      this.depth--;
    }
  }
}
