import { artifactPath } from "@octet/shared/domain/artifact";
import { unpackBoxes } from "@octet/shared/domain/dataset";

export interface DatasetImageRow {
  path: string;
  sha256: string;
  width: number;
  height: number;
  faces: number | null;
  brightness: number;
  boxes: number[];
  boxClasses: number[];
}

/** Far apart for neighbours, however many there are: the golden angle. */
export const classColour = (place: number): string => `hsl(${(43 + place * 137.5) % 360} 88% 62%)`;

/** An image of a data set with its objects drawn in, fitted into its place. */
export function LabelledImage({ image, className }: { image: DatasetImageRow; className: string }) {
  const { path, sha256, width, height, boxClasses } = image;
  return (
    <span className={`relative block ${className}`}>
      <img src={artifactPath(sha256)} alt={path} loading="lazy" width={width} height={height} className="size-full object-contain" />
      {/* Fitted as the image is: by the view box's own shape. */}
      <svg viewBox={`0 0 ${width} ${height}`} className="pointer-events-none absolute inset-0 size-full" aria-hidden>
        {unpackBoxes(image.boxes).map(({ x, y, w, h }, at) => (
          <rect
            key={`${at} ${x} ${y}`}
            x={x * width}
            y={y * height}
            width={w * width}
            height={h * height}
            fill="none"
            stroke={classColour(boxClasses[at] ?? 0)}
            strokeWidth={1.5}
            vectorEffect="non-scaling-stroke"
          />
        ))}
      </svg>
    </span>
  );
}
