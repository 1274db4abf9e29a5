import type { ScoredBox } from "@octet/shared/boxes/scored-box";

/** Of what runs now, or of FP32. */
export const activeColour = "#5aa9e6";
/** Of the profile that is looked at. */
export const ownColour = "#f2b84b";

/** Boxes (fractions) over a picture, inside an SVG with the view box 0 0 1 1. */
export function BoxOutlines({ boxes, colour }: { boxes: readonly ScoredBox[]; colour: string }) {
  return boxes.map(({ x, y, w, h, score }) => (
    <rect
      key={`${x} ${y} ${w} ${h} ${score}`}
      x={x}
      y={y}
      width={w}
      height={h}
      fill="none"
      stroke={colour}
      strokeWidth={1.5}
      vectorEffect="non-scaling-stroke"
    />
  ));
}
