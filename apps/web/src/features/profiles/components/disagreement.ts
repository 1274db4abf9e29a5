import { activeColour, ownColour } from "./box-outlines";
import type { Profile } from "./figures";
import { withoutPartner } from "./match-boxes";

/** An image on which a profile and FP32 differ. */
export type Disagreement = NonNullable<Profile["validation"]>["disagreements"][number];

/** What one of the two found, and what it found alone. */
export interface Side {
  name: string;
  colour: string;
  boxes: Disagreement["reference"];
  lonely: ReturnType<typeof withoutPartner>;
}

export const sidesOf = ({ reference, subject }: Disagreement): [Side, Side] => [
  { name: "FP32", colour: activeColour, boxes: reference, lonely: withoutPartner(reference, subject) },
  { name: "This profile", colour: ownColour, boxes: subject, lonely: withoutPartner(subject, reference) },
];

export const differText = ({ disagreement }: Disagreement): string => `${disagreement} ${disagreement === 1 ? "differs" : "differ"}`;
