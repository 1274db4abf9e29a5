import type { Detection } from "@octet/shared/domain/detection";

/** About how wide a text is, in its font's size: capitals take more. */
const widthOf = (text: string): number => [...text].reduce((sum, letter) => sum + (/[A-ZÀ-Þ]/.test(letter) ? 0.74 : 0.62), 0);

/** Boxes over a picture, in the frame's own pixels; the parent lays picture and drawing out alike (contain). */
export function Boxes({ detections, width, height }: { detections: readonly Detection[]; width: number; height: number }) {
  const unit = Math.max(width, height) / 640;
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="xMidYMid meet"
      className="pointer-events-none absolute inset-0 size-full"
      aria-hidden="true"
    >
      {detections.map(({ box, score, trackId, label: objectClass }, index) => {
        // On a wall of faces the word says nothing.
        const label = `${objectClass === "face" ? "" : `${objectClass} `}${trackId === null ? "" : `#${trackId} `}${Math.round(score * 100)}`;
        const x = box.x * width;
        const y = box.y * height;
        const text = 11 * unit;
        const above = y > text * 1.5;
        return (
          <g key={trackId ?? `new-${index}`} data-testid="box" data-track-id={trackId ?? ""}>
            <rect
              x={x}
              y={y}
              width={box.w * width}
              height={box.h * height}
              rx={2 * unit}
              fill="none"
              stroke="#3ddc97"
              strokeWidth={2}
              vectorEffect="non-scaling-stroke"
            />
            <rect
              x={x}
              y={above ? y - text * 1.35 : y}
              width={widthOf(label) * text + text * 0.5}
              height={text * 1.3}
              fill="#3ddc97"
              className="label"
            />
            <text x={x + text * 0.25} y={above ? y - text * 0.35 : y + text} fontSize={text} fontWeight="600" fill="#04150d">
              {label}
            </text>
          </g>
        );
      })}
    </svg>
  );
}
