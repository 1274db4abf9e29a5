"use client";
import { useState } from "react";
import { SliderPick } from "@/components/ui/slider-pick";
import { decibels, kindColours, kindOf } from "./look";
import type { Layer } from "./report";

const HEIGHT = 180;
const TOP = 8;
const LEFT = 34;
/** Of the drawing, where there are few layers; more make it wider, and it scrolls. */
const WIDTH = 580;

/** One bar a layer, in the order they run: how much signal is left at its output. Pointing or the slider picks one. */
export function LayerPlot({ layers }: { layers: readonly Layer[] }) {
  const shown = layers.filter(({ sqnrDb }) => sqnrDb !== null);
  const [picked, setPicked] = useState(() => worstOf(shown));
  const layer = shown[picked];
  if (!layer) return <p className="text-sm text-muted">The errors of the layers were not measured.</p>;
  const finite = shown.map(({ sqnrDb }) => sqnrDb!).filter((db) => db < 200);
  const most = Math.max(10, Math.ceil(Math.max(0, ...finite) / 10) * 10);
  const step = Math.max(4, Math.min(28, Math.floor((WIDTH - LEFT) / shown.length)));
  const width = LEFT + shown.length * step + 2;
  const y = (db: number): number => TOP + HEIGHT * (1 - Math.max(0, Math.min(most, db)) / most);
  const every = most > 60 ? 20 : 10;
  return (
    <div className="grid grid-cols-1 gap-3">
      <div className="overflow-x-auto">
        <svg
          width={width}
          height={TOP + HEIGHT + 4}
          className="block text-[10px]"
          role="img"
          aria-label={`SQNR in decibels of ${shown.length} layers, in the order they run`}
        >
          {Array.from({ length: Math.floor(most / every) + 1 }, (_, at) => at * every).map((db) => (
            <g key={db}>
              <line x1={LEFT} x2={width} y1={y(db)} y2={y(db)} className="stroke-line" />
              <text x={LEFT - 6} y={y(db) + 3} textAnchor="end" className="fill-muted">
                {db}
              </text>
            </g>
          ))}
          {shown.map((one, at) => {
            const top = Math.min(y(one.sqnrDb!), TOP + HEIGHT - 2);
            return (
              <g key={one.name} onPointerEnter={() => setPicked(at)}>
                <rect
                  x={LEFT + at * step}
                  y={TOP}
                  width={step}
                  height={HEIGHT}
                  className={at === picked ? "fill-ink/15" : "fill-transparent"}
                />
                <rect
                  x={LEFT + at * step + (step > 5 ? 1 : 0)}
                  y={top}
                  width={step - (step > 5 ? 2 : 1)}
                  height={TOP + HEIGHT - top}
                  fill={kindColours[kindOf(one).kind]}
                />
              </g>
            );
          })}
        </svg>
      </div>
      <SliderPick label="Layer" count={shown.length} at={picked} name={`${layer.name}, ${decibels(layer.sqnrDb)}`} onPick={setPicked} />
      <p className="min-h-10 text-sm" aria-live="polite">
        <span className="font-mono text-xs break-all">{layer.name}</span>{" "}
        <span className="text-muted">
          {layer.opType}, {kindOf(layer).words}
          {layer.macs !== null && `, ${(layer.macs / 1e6).toFixed(1)} million multiplications`}:
        </span>{" "}
        <b className="font-medium">{decibels(layer.sqnrDb)}</b>
      </p>
      <Legend layers={layers} />
    </div>
  );
}

const worstOf = (layers: readonly Layer[]): number =>
  layers.reduce((worst, { sqnrDb }, at) => (sqnrDb! < (layers[worst]?.sqnrDb ?? Number.POSITIVE_INFINITY) ? at : worst), 0);

function Legend({ layers }: { layers: readonly Layer[] }) {
  const kinds = new Map<string, { colour: string; count: number }>();
  for (const layer of layers) {
    const { kind, words } = kindOf(layer);
    kinds.set(words, { colour: kindColours[kind], count: (kinds.get(words)?.count ?? 0) + 1 });
  }
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
      {[...kinds].map(([words, { colour, count }]) => (
        <li key={words} className="flex items-center gap-1.5">
          <span className="size-2.5 rounded-sm" style={{ background: colour }} /> {words} <b className="font-mono text-ink">{count}</b>
        </li>
      ))}
    </ul>
  );
}
