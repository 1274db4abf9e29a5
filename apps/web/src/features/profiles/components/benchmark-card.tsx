import { decodedClip } from "@octet/shared/domain/decoded-clip";
import { speedupText } from "@octet/shared/domain/speedup-text";
import { Card } from "@/components/ui/controls";
import { StageChart } from "@/features/cameras/components/stage-chart";
import { bytes, ms } from "@/lib/format";
import type { Profile } from "./figures";
import { inOrder, StreamsPlot } from "./streams-plot";

/** Speed, memory and how many streams hold, and on what that was measured. */
export function BenchmarkCard({ benchmark }: { benchmark: NonNullable<Profile["benchmark"]> }) {
  const {
    host,
    provider,
    threads,
    batches,
    reference,
    streams,
    modelBytes,
    peakMemoryBytes,
    peakGpuMemoryBytes,
    powerWatts,
    utilisationPercent,
  } = benchmark;
  return (
    <Card className="min-w-0 p-5">
      <h2 className="font-medium">Speed</h2>
      <p className="mt-1 text-xs text-muted">
        On {host.hostname}: {host.gpu ?? `${host.cpu}, ${host.cores} cores`}, {provider}, {threads} thread{threads === 1 ? "" : "s"}. Model{" "}
        {bytes(modelBytes)}, peak memory {bytes(peakMemoryBytes)}
        {peakGpuMemoryBytes !== null && `, on the GPU ${bytes(peakGpuMemoryBytes)}`}
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
      {reference && <p className="mt-3 text-sm">{speedupText(reference)} what it was held against, measured in turns.</p>}
      {streams && (
        <>
          <h3 className="mt-5 text-sm font-medium">
            {streams.held} of {streams.asked} streams hold {streams.fps} fps at p99 ≤ {streams.budgetMs} ms
          </h3>
          <p className="text-xs text-muted">
            {streams.decode ? `Decoding included${streams.clip ? `: ${decodedClip(streams.clip)}` : ""}.` : "Without decoding."}
          </p>
          <div className="mt-3">
            <StreamsPlot streams={streams} />
          </div>
          <table className="mt-3 w-full max-w-2xl text-sm">
            <thead className="text-left text-xs text-muted [&_th]:font-normal">
              <tr>
                <th scope="col">Streams</th>
                <th scope="col">p50</th>
                <th scope="col">p99</th>
                <th scope="col">Lost</th>
                <th scope="col">Verdict</th>
              </tr>
            </thead>
            <tbody className="font-mono text-xs">
              {inOrder(streams.steps).map(({ streams: number, p50, p99, droppedPercent, held }) => (
                <tr key={number} className="border-t border-line/60">
                  <td className="py-1.5">{number}</td>
                  <td>{ms(p50)}</td>
                  <td>{ms(p99)}</td>
                  <td>{droppedPercent.toFixed(1)} %</td>
                  <td className={held ? "text-ok" : "text-bad"}>{held ? "holds" : "does not"}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <StageTimes steps={inOrder(streams.steps)} />
          {streams.soak && (
            <p className="mt-3 text-sm">
              Going on for {Math.round(streams.soak.seconds)} s with {streams.soak.streams} streams, memory went from{" "}
              {bytes(streams.soak.rssBytes[0]!)} to {bytes(streams.soak.rssBytes.at(-1)!)}:{" "}
              {streams.soak.growthBytesPerMinute > 0
                ? `it grows by ${bytes(streams.soak.growthBytesPerMinute)} a minute`
                : "it does not grow"}
              .
            </p>
          )}
        </>
      )}
    </Card>
  );
}

/** Where frames' time went with the most streams that hold, and with the fewest that do not: what grew is what limits. */
function StageTimes({ steps }: { steps: ReturnType<typeof inOrder> }) {
  const shown = [steps.findLast(({ held }) => held), steps.find(({ held }) => !held)]
    .filter((step) => step !== undefined)
    .filter(({ stages }) => stages.total);
  if (shown.length === 0) return null;
  return (
    <div className="mt-5 grid max-w-2xl gap-6 sm:grid-cols-2">
      {shown.map(({ streams, held, stages }) => (
        <section key={streams}>
          <h3 className="mb-2 text-sm font-medium">
            By stage: {streams} {held ? "hold" : "do not hold"}
          </h3>
          <StageChart latency={stages} empty="Nothing was inferred." />
        </section>
      ))}
    </div>
  );
}
