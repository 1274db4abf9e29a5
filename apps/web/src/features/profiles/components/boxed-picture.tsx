import type { ScoredBox } from "@octet/shared/boxes/scored-box";
import { artifactPath } from "@octet/shared/domain/artifact";
import { BoxOutlines } from "./box-outlines";

/** A picture with what one model found in it; what the other does not have is filled. */
export function BoxedPicture({
  sha256,
  alt,
  boxes,
  lonely,
  colour,
}: {
  sha256: string;
  alt: string;
  boxes: readonly ScoredBox[];
  lonely: readonly ScoredBox[];
  colour: string;
}) {
  return (
    <span className="relative block overflow-hidden">
      <img src={artifactPath(sha256)} alt={alt} loading="lazy" className="block w-full" />
      <svg viewBox="0 0 1 1" preserveAspectRatio="none" className="absolute inset-0 size-full" aria-hidden>
        {lonely.map(({ x, y, w, h }) => (
          <rect
            key={`${x} ${y} ${w} ${h}`}
            x={x}
            y={y}
            width={w}
            height={h}
            fill={colour}
            fillOpacity={0.45}
            stroke={colour}
            strokeWidth={4}
            vectorEffect="non-scaling-stroke"
          />
        ))}
        <BoxOutlines boxes={boxes} colour={colour} />
      </svg>
    </span>
  );
}
