import type { HostReport } from "@octet/shared/domain/worker";
import { bytes } from "@/lib/format";

/** Where the worker's own model really runs, and what TensorRT keeps for the next start. */
export function InferenceNote({ inference }: { inference: NonNullable<HostReport["inference"]> }) {
  const { fault, nodes, engineCache } = inference;
  const placed = Object.entries(nodes).map(([name, count]) => `${name.replace(/ExecutionProvider$/, "")} ${count}`);
  if (!fault && placed.length === 0 && !engineCache) return null;
  return (
    <div className="space-y-1 text-xs sm:col-span-2">
      {fault && <p className="text-warn">{fault}</p>}
      {placed.length > 0 && <p className="text-muted">Nodes of the model by provider: {placed.join(", ")}</p>}
      {engineCache && (
        <p className="text-muted">
          {engineCache.bytes > 0
            ? `TensorRT engines: ${bytes(engineCache.bytes)} kept for the next start`
            : "TensorRT engines: none kept, they are built anew at each start"}
        </p>
      )}
    </div>
  );
}
