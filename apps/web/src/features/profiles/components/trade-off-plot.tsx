import { type PlotPoint, pareto, precisionNames } from "./figures";

const WIDTH = 520;
const HEIGHT = 260;
const PAD = { left: 44, right: 16, top: 26, bottom: 34 };

const colours: Record<PlotPoint["precision"], string> = { fp32: "#5aa9e6", fp16: "#a78bfa", "int8-ptq": "#3ddc97", "int8-qat": "#f2b84b" };

/** Accuracy against latency; the line joins those that nothing beats in both. */
export function TradeOffPlot({ points }: { points: readonly PlotPoint[] }) {
  if (points.length === 0) return <p className="text-sm text-muted">Validate and benchmark a profile to see what it costs and gives.</p>;
  const x = axis(
    points.map(({ ms }) => ms),
    PAD.left,
    WIDTH - PAD.right,
    true,
  );
  const y = axis(
    points.map(({ ap }) => ap),
    HEIGHT - PAD.bottom,
    PAD.top,
    false,
  );
  const below = crowded(points.map(({ ms, ap }) => ({ x: x.at(ms), y: y.at(ap) })));
  const line = pareto(points)
    .map(({ ms, ap }, at) => `${at === 0 ? "M" : "L"}${x.at(ms)},${y.at(ap)}`)
    .join("");
  return (
    <figure>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className="w-full max-w-2xl" role="img" aria-label="Accuracy against latency">
        {y.ticks.filter((tick) => tick <= 100).map((tick) => (
          <g key={tick}>
            <line x1={PAD.left} x2={WIDTH - PAD.right} y1={y.at(tick)} y2={y.at(tick)} className="stroke-line" />
            <text x={PAD.left - 6} y={y.at(tick) + 3} textAnchor="end" className="fill-muted text-[10px] max-sm:text-[16px]">
              {tick}
            </text>
          </g>
        ))}
        {x.ticks.map((tick) => (
          <text
            key={tick}
            x={x.at(tick)}
            y={HEIGHT - PAD.bottom + 14}
            textAnchor="middle"
            className="fill-muted text-[10px] max-sm:text-[16px]"
          >
            {tick}
          </text>
        ))}
        <text x={(WIDTH + PAD.left) / 2} y={HEIGHT - 4} textAnchor="middle" className="fill-muted text-[10px] max-sm:text-[16px]">
          ms an image
        </text>
        <text x={PAD.left - 6} y={12} textAnchor="end" className="fill-muted text-[10px] max-sm:text-[16px]">
          AP
        </text>
        <path d={line} className="fill-none stroke-accent" strokeWidth={1.5} strokeDasharray="4 3" />
        {points.map((point, at) => (
          <g key={point.id}>
            <circle cx={x.at(point.ms)} cy={y.at(point.ap)} r={5} fill={colours[point.precision]}>
              <title>{`${point.name}: AP ${point.ap.toFixed(2)}, ${point.ms.toFixed(1)} ms`}</title>
            </circle>
            <text
              x={x.at(point.ms) + (x.at(point.ms) > WIDTH - 90 ? -8 : 8)}
              y={y.at(point.ap) + (below.has(at) ? 16 : -6)}
              textAnchor={x.at(point.ms) > WIDTH - 90 ? "end" : "start"}
              className="fill-ink text-[10px] max-sm:text-[16px]"
            >
              {precisionNames[point.precision]}
            </text>
          </g>
        ))}
      </svg>
    </figure>
  );
}

/** Points whose name would lie on that of one before: theirs go below. */
function crowded(places: readonly { x: number; y: number }[]): Set<number> {
  const below = new Set<number>();
  for (const [at, place] of places.entries())
    if (
      places.some(
        (other, before) => before < at && !below.has(before) && Math.abs(other.x - place.x) < 70 && Math.abs(other.y - place.y) < 14,
      )
    )
      below.add(at);
  return below;
}

/** A linear axis with a little room, and round ticks. */
function axis(values: readonly number[], from: number, to: number, fromZero: boolean): { at(value: number): number; ticks: number[] } {
  const most = Math.max(...values);
  const least = fromZero ? 0 : Math.min(...values);
  const room = Math.max((most - least) * 0.15, fromZero ? most * 0.1 : 0.5);
  const [low, high] = [fromZero ? 0 : least - room, most + room];
  const step = niceStep((high - low) / 4);
  const ticks: number[] = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high; tick += step) ticks.push(Number(tick.toFixed(6)));
  return { at: (value) => from + ((value - low) / (high - low)) * (to - from), ticks };
}

function niceStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw));
  return ([1, 2, 5, 10].find((factor) => factor * power >= raw) ?? 10) * power;
}
