"use client";
import { Bar, BarChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";

/** How many detections there were, over the time that is shown. */
export function Timeline({ counts }: { counts: readonly { at: number; count: number }[] }) {
  const time = (at: number): string =>
    new Date(at).toLocaleString([], { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false });
  return (
    <div className="h-28" role="img" aria-label={`${counts.reduce((sum, { count }) => sum + count, 0)} detections over time`}>
      <ResponsiveContainer width="100%" height="100%">
        <BarChart data={[...counts]} margin={{ top: 4, right: 0, bottom: 0, left: 0 }} barCategoryGap={1}>
          <XAxis
            dataKey="at"
            tickFormatter={time}
            minTickGap={60}
            tick={{ fontSize: 11, fill: "var(--muted)" }}
            axisLine={{ stroke: "var(--line)" }}
            tickLine={false}
          />
          <YAxis width={40} allowDecimals={false} tick={{ fontSize: 11, fill: "var(--muted)" }} axisLine={false} tickLine={false} />
          <Tooltip
            labelFormatter={(at) => time(Number(at))}
            cursor={{ fill: "var(--raised)" }}
            contentStyle={{ background: "var(--surface)", border: "1px solid var(--line)", borderRadius: 6, fontSize: 12 }}
          />
          <Bar dataKey="count" name="detections" fill="var(--accent)" isAnimationActive={false} radius={[2, 2, 0, 0]} />
        </BarChart>
      </ResponsiveContainer>
    </div>
  );
}
