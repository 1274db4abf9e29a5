import { Card } from "@/components/ui/controls";
import { bytes, ms } from "@/lib/format";
import type { Profile } from "./figures";

/** Speed, memory and how many streams hold, and on what that was measured. */
export function BenchmarkCard({ benchmark }: { benchmark: NonNullable<Profile["benchmark"]> }) {
  const { host, provider, threads, batches, reference, streams, modelBytes, peakMemoryBytes, powerWatts, utilisationPercent } = benchmark;
  return (
    <Card className="min-w-0 p-5">
      <h2 className="font-medium">Speed</h2>
      <p className="mt-1 text-xs text-muted">
        On {host.hostname}: {host.gpu ?? `${host.cpu}, ${host.cores} cores`}, {provider}, {threads} thread{threads === 1 ? "" : "s"}. Model{" "}
        {bytes(modelBytes)}, peak memory {bytes(peakMemoryBytes)}
        {powerWatts !== null && `, ${powerWatts.toFixed(0)} W`}
        {utilisationPercent !== null && `, ${utilisationPercent.toFixed(0)} % busy`}.
      </p>
      <table className="mt-3 w-full text-sm">
        <thead className="text-left text-xs text-muted [&_th]:font-normal">
          <tr>
            <th scope="col">Batch</th>
            <th scope="col">p50</th>
            <th scope="col">p95</th>
            <th scope="col">p99</th>
            <th scope="col">Images/s</th>
          </tr>
        </thead>
        <tbody className="font-mono text-xs">
          {batches.map(({ batch, latencyMs, imagesPerSecond }) => (
            <tr key={batch} className="border-t border-line/60">
              <td className="py-1.5">{batch}</td>
              <td>{ms(latencyMs.p50)}</td>
              <td>{ms(latencyMs.p95)}</td>
              <td>{ms(latencyMs.p99)}</td>
              <td>{imagesPerSecond.toFixed(1)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {reference && (
        <p className="mt-3 text-sm">{reference.speedup.toFixed(2)} times as fast as what it was held against, measured in turns.</p>
      )}
      {streams && (
        <>
          <h3 className="mt-5 text-sm font-medium">
            {streams.held} of {streams.asked} streams hold {streams.fps} fps at p99 ≤ {streams.budgetMs} ms
          </h3>
          <p className="text-xs text-muted">{streams.decode ? "Decoding included." : "Without decoding."}</p>
          <ul className="mt-2 grid gap-1 text-xs">
            {streams.steps.map((step) => (
              <li key={step.streams} className="grid grid-cols-[5rem_1fr_8rem] items-center gap-2">
                <span>{step.streams} streams</span>
                <span className="h-3 overflow-hidden rounded-sm bg-raised">
                  <span
                    className={step.held ? "block h-full bg-accent" : "block h-full bg-bad"}
                    style={{ width: `${Math.min(100, (100 * step.p99) / (2 * streams.budgetMs))}%` }}
                  />
                </span>
                <span className="font-mono">
                  p99 {ms(step.p99)}, {step.droppedPercent.toFixed(0)} % lost
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}
