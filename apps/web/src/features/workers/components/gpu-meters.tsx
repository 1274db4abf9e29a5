import type { GpuLoad } from "@octet/shared/domain/worker";
import { bytes } from "@/lib/format";
import { Meter } from "./meter";

/** What one GPU does now; only what its driver tells. */
export function GpuMeters({ gpu }: { gpu: GpuLoad }) {
  const { index, name, memoryUsedBytes: used, memoryTotalBytes: total } = gpu;
  const shares = [
    ["Compute", gpu.utilizationPercent],
    ["Decoder (NVDEC)", gpu.decoderPercent],
    ["Encoder (NVENC)", gpu.encoderPercent],
  ] as const;
  const facts = [
    gpu.powerWatts !== null && `${Math.round(gpu.powerWatts)} W`,
    gpu.temperatureCelsius !== null && `${Math.round(gpu.temperatureCelsius)} °C`,
  ].filter(Boolean);
  return (
    <section className="grid gap-x-6 gap-y-3 sm:col-span-2 sm:grid-cols-2" aria-label={`GPU ${index}`}>
      <p className="flex justify-between text-xs sm:col-span-2">
        <span>
          GPU {index} · {name}
        </span>
        <span className="font-mono text-muted">{facts.join(" · ")}</span>
      </p>
      {shares.map(
        ([label, value]) => value !== null && <Meter key={label} label={label} value={`${Math.round(value)} %`} share={value / 100} />,
      )}
      {used !== null && total !== null && (
        <Meter label="GPU memory" value={`${bytes(used)} of ${bytes(total)}`} share={used / Math.max(1, total)} />
      )}
    </section>
  );
}
