import { type StageLatency, stageNames } from "@octet/shared/domain/camera";
import { ms } from "@/lib/format";

const colours = ["#e57fb1", "#5aa9e6", "#a78bfa", "#f2b84b", "#3ddc97", "#ff8a65", "#93a29a"];

/** Where a frame's time goes: medians as one bar, and the numbers. @param empty said where nothing was measured */
export function StageChart({ latency, empty }: { latency: StageLatency; empty: string }) {
  const medians = stageNames.map((name) => latency[name]?.p50 ?? 0);
  const total = medians.reduce((sum, value) => sum + value, 0);
  if (total === 0) return <p className="text-xs text-muted">{empty}</p>;
  return (
    <>
      <div className="flex h-3 overflow-hidden rounded-sm bg-raised" role="img" aria-label="Median time by stage">
        {stageNames.map((name, index) => (
          <div
            key={name}
            style={{ width: `${((medians[index] ?? 0) / total) * 100}%`, background: colours[index] }}
            title={`${name} ${ms(medians[index])}`}
          />
        ))}
      </div>
      <table className="mt-3 w-full text-xs">
        <thead className="text-muted">
          <tr className="text-right [&_th]:font-normal">
            <th className="text-left">Stage</th>
            <th>p50</th>
            <th>p95</th>
            <th>p99</th>
          </tr>
        </thead>
        <tbody>
          {[...stageNames, "total" as const].map((name, index) => (
            <tr key={name} className={name === "total" ? "border-t border-line font-medium [&_td]:pt-1" : ""}>
              <td className="flex items-center gap-2 py-0.5">
                <span className="size-2 rounded-full" style={{ background: colours[index] ?? "transparent" }} /> {name}
              </td>
              <td className="text-right font-mono">{ms(latency[name]?.p50)}</td>
              <td className="text-right font-mono">{ms(latency[name]?.p95)}</td>
              <td className="text-right font-mono">{ms(latency[name]?.p99)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
