"use client";
import type { Plan } from "@octet/shared/planning/plan";
import { resources } from "@octet/shared/planning/resources";
import type { SweepPoint } from "@octet/shared/planning/sweep";
import { type PointerEvent, useState } from "react";
import { resourceColours, resourceNames, shareText } from "./look";

/** Of the drawing, which grows with its place. */
const WIDTH = 340;
const HEIGHT = 260;
const LEFT = 44;
const RIGHT = 14;
const TOP = 20;
const BOTTOM = 22;
/** Share at the top; lines go on beyond, out of sight. */
const MOST = 2;

/** About five steps of a round number. */
function ticksTo(most: number): number[] {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, most / 5)));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size * 5 >= most)!;
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => index * step);
}

/** Loads against the number of cameras; what is beyond the limit is shaded. Pointing at it reads a number of cameras. */
export function LoadPlot({ plan, points }: { plan: Plan; points: readonly SweepPoint[] }) {
  const [pointed, setPointed] = useState<number | null>(null);
  const most = points.at(-1)!.streams;
  const x = (streams: number): number => LEFT + (streams / most) * (WIDTH - LEFT - RIGHT);
  const y = (load: number): number => HEIGHT - BOTTOM - (Math.min(load, 3 * MOST) / MOST) * (HEIGHT - TOP - BOTTOM);
  const read = (event: PointerEvent<SVGSVGElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    const place = (((event.clientX - box.left) / box.width) * WIDTH - LEFT) / (WIDTH - LEFT - RIGHT);
    setPointed(place >= 0 && place <= 1 ? place * most : null);
  };
  const nearest = (streams: number): SweepPoint =>
    points.reduce((best, point) => (Math.abs(point.streams - streams) < Math.abs(best.streams - streams) ? point : best));
  const shown = pointed === null ? null : nearest(pointed);
  const limit = plan.streams < most ? plan.streams : null;
  return (
    <figure>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        className="w-full text-[11px]"
        role="img"
        aria-label={`Loads against the number of cameras, up to ${most}. ${plan.streams} cameras fit; ${resourceNames[plan.bottleneck]} is the bottleneck.`}
        onPointerMove={read}
        onPointerLeave={() => setPointed(null)}
      >
        <clipPath id="planner-plot">
          <rect x={LEFT} y={TOP} width={WIDTH - LEFT - RIGHT} height={HEIGHT - TOP - BOTTOM} />
        </clipPath>
        {limit !== null && (
          <rect x={x(limit)} y={TOP} width={x(most) - x(limit)} height={HEIGHT - TOP - BOTTOM} className="fill-bad" opacity={0.08} />
        )}
        {[0, 0.5, 1, 1.5, 2].map((load) => (
          <g key={load}>
            <line
              x1={LEFT}
              x2={WIDTH - RIGHT}
              y1={y(load)}
              y2={y(load)}
              className={load === 1 ? "stroke-ink" : "stroke-line"}
              strokeDasharray={load === 1 ? undefined : "2 4"}
            />
            <text x={LEFT - 6} y={y(load) + 4} textAnchor="end" className={load === 1 ? "fill-ink" : "fill-muted"}>
              {shareText(load)}
            </text>
          </g>
        ))}
        {ticksTo(most).map((streams) => (
          <text key={streams} x={x(streams)} y={HEIGHT - 6} textAnchor="middle" className="fill-muted">
            {streams}
          </text>
        ))}
        <line x1={x(plan.cameras)} x2={x(plan.cameras)} y1={TOP} y2={HEIGHT - BOTTOM} className="stroke-muted" />
        <text x={x(plan.cameras) + 4} y={TOP + 12} className="fill-muted">
          {plan.cameras}
        </text>
        <g clipPath="url(#planner-plot)" fill="none">
          {resources.map((resource) => (
            <polyline
              key={resource}
              points={points.map(({ streams, loads }) => `${x(streams).toFixed(1)},${y(loads[resource]).toFixed(1)}`).join(" ")}
              stroke={resourceColours[resource]}
              strokeWidth={resource === plan.bottleneck ? 3 : 1.5}
              strokeLinejoin="round"
            />
          ))}
        </g>
        {limit !== null && (
          <>
            <line x1={x(limit)} x2={x(limit)} y1={TOP} y2={HEIGHT - BOTTOM} className="stroke-bad" strokeDasharray="4 3" />
            <text x={x(limit)} y={TOP - 6} textAnchor="middle" className="fill-bad">
              limit {limit}
            </text>
          </>
        )}
        {shown && <line x1={x(shown.streams)} x2={x(shown.streams)} y1={TOP} y2={HEIGHT - BOTTOM} className="stroke-accent" />}
      </svg>
      <figcaption className="mt-2 flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
        {resources.map((resource) => (
          <span key={resource} className="flex items-center gap-1.5">
            <span className="h-0.5 w-4" style={{ background: resourceColours[resource] }} /> {resourceNames[resource]}
            {shown && <span className="font-mono text-ink">{shareText(shown.loads[resource])}</span>}
          </span>
        ))}
        {shown && <span className="font-mono text-ink">at {shown.streams} cameras</span>}
      </figcaption>
    </figure>
  );
}
