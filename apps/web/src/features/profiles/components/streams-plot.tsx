import type { Profile } from "./figures";

type Streams = NonNullable<NonNullable<Profile["benchmark"]>["streams"]>;

const WIDTH = 560;
const HEIGHT = 220;
const PAD = { left: 46, right: 16, top: 16, bottom: 34 };
/** Of the budget, at the top; what is slower is drawn there, with an arrow. */
const MOST = 2.5;

/** p99 against the number of streams, with the budget; what did not hold is red. */
export function StreamsPlot({ streams }: { streams: Streams }) {
  const steps = inOrder(streams.steps);
  const last = steps.at(-1);
  if (!last) return null;
  const top = Math.min(MOST * streams.budgetMs, Math.max(1.25 * streams.budgetMs, ...steps.map(({ p99 }) => 1.1 * p99)));
  const x = (count: number): number => PAD.left + (count / last.streams) * (WIDTH - PAD.left - PAD.right);
  const y = (ms: number): number => HEIGHT - PAD.bottom - (Math.min(ms, top) / top) * (HEIGHT - PAD.top - PAD.bottom);
  const line = (of: "p50" | "p99"): string => steps.map((step) => `${x(step.streams).toFixed(1)},${y(step[of]).toFixed(1)}`).join(" ");
  const ticks = [0, 0.5, 1, 1.5, 2].map((share) => share * streams.budgetMs).filter((ms) => ms <= top);
  return (
    <figure>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        className="w-full max-w-2xl text-[10px] max-sm:text-[16px]"
        role="img"
        aria-label={`p99 by the number of streams: ${steps.map(({ streams: count, p99 }) => `${count}: ${p99.toFixed(0)} ms`).join(", ")}. The budget is ${streams.budgetMs} ms.`}
      >
        {ticks.map((ms) => (
          <g key={ms}>
            <line
              x1={PAD.left}
              x2={WIDTH - PAD.right}
              y1={y(ms)}
              y2={y(ms)}
              className={ms === streams.budgetMs ? "stroke-bad" : "stroke-line"}
              strokeDasharray={ms === streams.budgetMs ? "5 3" : undefined}
            />
            <text x={PAD.left - 6} y={y(ms) + 3} textAnchor="end" className={ms === streams.budgetMs ? "fill-bad" : "fill-muted"}>
              {ms.toFixed(0)}
            </text>
          </g>
        ))}
        <text x={PAD.left + 4} y={y(streams.budgetMs) - 4} className="fill-bad">
          budget
        </text>
        <polyline points={line("p50")} fill="none" className="stroke-muted" strokeDasharray="2 3" />
        <polyline points={line("p99")} fill="none" className="stroke-accent" strokeWidth={1.5} />
        {steps.map((step, at) => (
          <g key={step.streams}>
            <circle cx={x(step.streams)} cy={y(step.p99)} r={4.5} className={step.held ? "fill-accent" : "fill-bad"}>
              <title>{`${step.streams} streams: p99 ${step.p99.toFixed(0)} ms, ${step.droppedPercent.toFixed(1)} % lost`}</title>
            </circle>
            {step.p99 > top && (
              <text x={x(step.streams)} y={PAD.top + 18} textAnchor="middle" className="fill-bad">
                ↑ {step.p99.toFixed(0)}
              </text>
            )}
            {far(steps, at, x) && (
              <text x={x(step.streams)} y={HEIGHT - PAD.bottom + 14} textAnchor="middle" className="fill-muted">
                {step.streams}
              </text>
            )}
          </g>
        ))}
        <text x={(WIDTH + PAD.left) / 2} y={HEIGHT - 4} textAnchor="middle" className="fill-muted">
          streams
        </text>
        <text x={4} y={10} className="fill-muted">
          ms
        </text>
      </svg>
      <figcaption className="mt-1 text-xs text-muted">
        Solid: p99, dotted: median, from a frame's arrival to its boxes. Red points did not hold.
      </figcaption>
    </figure>
  );
}

/** By the number of streams, each once: of a number that was tried again, what it did last. */
export const inOrder = (steps: Streams["steps"]): Streams["steps"] =>
  [...new Map(steps.map((step) => [step.streams, step])).values()].sort((a, b) => a.streams - b.streams);

/** Whether there is room for a step's number: the last one always has it, others where the next labelled one is not too near. */
function far(steps: readonly { streams: number }[], at: number, x: (count: number) => number): boolean {
  let free = x(steps.at(-1)!.streams);
  for (let index = steps.length - 2; index >= at; index--) {
    const place = x(steps[index]!.streams);
    if (free - place >= 22) {
      if (index === at) return true;
      free = place;
    }
  }
  return at === steps.length - 1;
}
