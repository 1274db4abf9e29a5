import { matchBoxes } from "@octet/shared/boxes/match-boxes";
import type { ScoredBox } from "@octet/shared/boxes/scored-box";
import { activeColour, ownColour } from "./box-outlines";
import type { Profile } from "./figures";

/** An image on which a profile and FP32 differ. */
export type Disagreement = NonNullable<Profile["validation"]>["disagreements"][number];

/** What one of the two found, and what it found alone. */
export interface Side {
  name: string;
  colour: string;
  boxes: Disagreement["reference"];
  lonely: readonly ScoredBox[];
}

export function sidesOf({ reference, subject }: Disagreement): [Side, Side] {
  // As the disagreements were counted.
  const { onlyA, onlyB } = matchBoxes(reference, subject);
  return [
    { name: "FP32", colour: activeColour, boxes: reference, lonely: onlyA },
    { name: "This profile", colour: ownColour, boxes: subject, lonely: onlyB },
  ];
}

export const differText = ({ disagreement }: Disagreement): string => `${disagreement} ${disagreement === 1 ? "differs" : "differ"}`;
