"use client";
import { type PointerEvent, useState } from "react";
import { count } from "@/lib/format";
import { short } from "./look";
import type { Histogram } from "./report";

const WIDTH = 640;
const HEIGHT = 190;
const FOOT = 18;

/** Counts before as a surface, after as a line, and the range as a band. Pointing reads a bin. */
export function DistributionPlot({
  name,
  before,
  after,
  range,
  logarithmic,
}: {
  name: string;
  before: Histogram;
  after: Histogram;
  range: { min: number; max: number } | null;
  logarithmic: boolean;
}) {
  const [pointed, setPointed] = useState<number | null>(null);
  const { start, counts } = before;
  // A tensor of zeros has one bin without a width.
  const width = before.width || 1;
  const end = start + counts.length * width;
  const x = (value: number): number => Math.max(0, Math.min(WIDTH, ((value - start) / (end - start)) * WIDTH));
  const scaled = (value: number): number => (logarithmic ? Math.log1p(value) : value);
  const top = scaled(Math.max(1, ...counts, ...after.counts));
  const y = (value: number): number => HEIGHT - FOOT - (scaled(value) / top) * (HEIGHT - FOOT - 8);
  const steps = (values: readonly number[]): string =>
    values.map((value, at) => `V${y(value).toFixed(1)}H${x(start + (at + 1) * width).toFixed(1)}`).join("");
  const read = (event: PointerEvent<SVGSVGElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    const at = Math.floor(((event.clientX - box.left) / box.width) * counts.length);
    setPointed(at >= 0 && at < counts.length ? at : null);
  };
  return (
    <figure className="min-w-0">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        className="h-52 w-full"
        role="img"
        aria-label={`Distribution of ${name}, from ${short(start)} to ${short(end)}`}
        onPointerMove={read}
        onPointerLeave={() => setPointed(null)}
      >
        {range && <rect x={x(range.min)} width={x(range.max) - x(range.min)} height={HEIGHT - FOOT} className="fill-accent/12" />}
        {pointed !== null && (
          <rect x={x(start + pointed * width)} width={WIDTH / counts.length} height={HEIGHT - FOOT} className="fill-ink/10" />
        )}
        <path d={`M0 ${HEIGHT - FOOT}${steps(counts)}V${HEIGHT - FOOT}Z`} fill="#2f86d6" fillOpacity={0.55} />
        <path
          d={`M0 ${HEIGHT - FOOT}${steps(after.counts)}V${HEIGHT - FOOT}`}
          fill="none"
          stroke="#c1861a"
          strokeWidth={1.5}
          vectorEffect="non-scaling-stroke"
        />
        {range &&
          [range.min, range.max].map((edge) => (
            <line
              key={edge}
              x1={x(edge)}
              x2={x(edge)}
              y2={HEIGHT - FOOT}
              className="stroke-accent"
              strokeDasharray="4 3"
              vectorEffect="non-scaling-stroke"
            />
          ))}
        {start < 0 && end > 0 && (
          <line x1={x(0)} x2={x(0)} y1={HEIGHT - FOOT} y2={HEIGHT - FOOT + 5} className="stroke-muted" vectorEffect="non-scaling-stroke" />
        )}
        <line x2={WIDTH} y1={HEIGHT - FOOT} y2={HEIGHT - FOOT} className="stroke-line" vectorEffect="non-scaling-stroke" />
      </svg>
      <figcaption className="-mt-4 flex justify-between font-mono text-[0.65rem] text-muted">
        <span>{short(start)}</span>
        {pointed !== null && (
          <span className="text-ink">
            {short(start + pointed * width)} … {short(start + (pointed + 1) * width)}: {count(counts[pointed]!)} →{" "}
            {count(Math.round(after.counts[pointed]!))}
          </span>
        )}
        <span>{short(end)}</span>
      </figcaption>
    </figure>
  );
}
