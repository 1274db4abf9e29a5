"use client";
import type { Plan } from "@octet/shared/planning/plan";
import { resources } from "@octet/shared/planning/resources";
import type { SweepPoint } from "@octet/shared/planning/sweep";
import { CartesianGrid, Line, LineChart, ReferenceArea, ReferenceLine, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { resourceColours, resourceNames, shareText } from "./look";

const MOST = 2;
/** About five steps of a round number. */
function ticksTo(most: number): number[] {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, most / 5)));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size * 5 >= most)!;
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => index * step);
}

const tick = { fontSize: 11, fill: "var(--muted)" };

/** Loads against the number of cameras; what is beyond the limit is shaded. */
export function LoadPlot({ plan, points }: { plan: Plan; points: readonly SweepPoint[] }) {
  const most = points.at(-1)!.streams;
  const data = points.map(({ streams, loads }) => ({ streams, ...loads }));
  return (
    <figure>
      <div
        className="h-72"
        role="img"
        aria-label={`Loads against the number of cameras, up to ${most}. ${plan.streams} cameras fit; ${resourceNames[plan.bottleneck]} is the bottleneck.`}
      >
        <ResponsiveContainer width="100%" height="100%">
          <LineChart data={data} margin={{ top: 18, right: 14, bottom: 4, left: 0 }}>
            <CartesianGrid stroke="var(--line)" strokeDasharray="2 4" vertical={false} />
            <XAxis
              dataKey="streams"
              type="number"
              domain={[0, most]}
              ticks={ticksTo(most)}
              tick={tick}
              axisLine={{ stroke: "var(--line)" }}
              tickLine={false}
            />
            <YAxis
              width={48}
              domain={[0, MOST]}
              ticks={[0, 0.5, 1, 1.5, 2]}
              allowDataOverflow
              tickFormatter={shareText}
              tick={tick}
              axisLine={false}
              tickLine={false}
            />
            <Tooltip
              labelFormatter={(streams) => `${streams} cameras`}
              formatter={(value, name) => [shareText(Number(value)), name]}
              contentStyle={{ background: "var(--surface)", border: "1px solid var(--line)", borderRadius: 6, fontSize: 12 }}
            />
            {plan.streams < most && <ReferenceArea x1={plan.streams} x2={most} fill="var(--bad)" fillOpacity={0.07} />}
            <ReferenceLine y={1} stroke="var(--ink)" />
            {plan.streams > 0 && plan.streams < most && (
              <ReferenceLine
                x={plan.streams}
                stroke="var(--bad)"
                strokeDasharray="4 3"
                label={{ value: `limit ${plan.streams}`, position: "top", fontSize: 11, fill: "var(--bad)" }}
              />
            )}
            <ReferenceLine
              x={plan.input.streams}
              stroke="var(--muted)"
              label={{
                value: `${plan.input.streams}`,
                position: "insideTopLeft",
                fontSize: 11,
                fill: "var(--muted)",
              }}
            />
            {resources.map((resource) => (
              <Line
                key={resource}
                dataKey={resource}
                name={resourceNames[resource]}
                stroke={resourceColours[resource]}
                strokeWidth={resource === plan.bottleneck ? 3 : 1.5}
                dot={false}
                isAnimationActive={false}
              />
            ))}
          </LineChart>
        </ResponsiveContainer>
      </div>
      <figcaption className="mt-1 flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
        {resources.map((resource) => (
          <span key={resource} className="flex items-center gap-1.5">
            <span className="h-0.5 w-4" style={{ background: resourceColours[resource] }} /> {resourceNames[resource]}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}
