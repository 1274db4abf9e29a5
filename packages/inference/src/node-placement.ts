import type { Provider } from "./session-messages.ts";

/** One event of ONNX Runtime's profile, as far as it is read here. */
export interface ProfileEvent {
  cat?: string;
  name?: string;
  /** µs */
  dur?: number;
  args?: { op_name?: string; provider?: string; output_size?: string | number };
}

/** Which provider ran a model's nodes. */
export interface NodePlacement {
  /** ONNX Runtime's name of the provider → nodes that it ran in one run. */
  nodes: Record<string, number>;
  /** Nodes on the CPU whose results are more than a few numbers, by operator. */
  heavyOnCpu: Record<string, number>;
}

/** Shapes and indices are computed on the CPU by design, under every provider; pictures and feature maps are not. Bytes. */
const SMALL_RESULT = 4096;
const CPU = "CPUExecutionProvider";

/** Counts each node once, however often it ran. Compiled subgraphs (TensorRT's) count as one node. */
export function nodePlacement(events: readonly ProfileEvent[]): NodePlacement {
  const placement: NodePlacement = { nodes: {}, heavyOnCpu: {} };
  const seen = new Set<string>();
  for (const { cat, name = "", args } of events) {
    if (cat !== "Node" || !name.endsWith("_kernel_time") || !args?.provider || seen.has(name)) continue;
    seen.add(name);
    placement.nodes[args.provider] = (placement.nodes[args.provider] ?? 0) + 1;
    // Where the size is not said, a node counts as heavy: better one alarm too many.
    if (args.provider === CPU && !(Number(args.output_size ?? Number.POSITIVE_INFINITY) <= SMALL_RESULT)) {
      const op = args.op_name ?? "unknown";
      placement.heavyOnCpu[op] = (placement.heavyOnCpu[op] ?? 0) + 1;
    }
  }
  return placement;
}

/** Why a session does not run where it was asked to; null where it does. */
export function placementFault(provider: Provider, { nodes, heavyOnCpu }: NodePlacement): string | null {
  if (provider === "cpu") return null;
  const total = Object.values(nodes).reduce((sum, count) => sum + count, 0);
  if (total === 0) return `ONNX Runtime does not say where the model runs under ${provider}`;
  if ((nodes[CPU] ?? 0) === total) return `The model runs on the CPU, not on ${provider}`;
  const heavy = Object.values(heavyOnCpu).reduce((sum, count) => sum + count, 0);
  if (heavy === 0) return null;
  const kinds = Object.entries(heavyOnCpu)
    .sort(([, a], [, b]) => b - a)
    .slice(0, 4)
    .map(([op, count]) => `${op} ×${count}`);
  return `${heavy} of ${total} nodes fell back from ${provider} to the CPU: ${kinds.join(", ")}`;
}

/** "CUDA 120, CPU 4" */
export function describePlacement({ nodes }: NodePlacement): string {
  return Object.entries(nodes)
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name.replace(/ExecutionProvider$/, "")} ${count}`)
    .join(", ");
}
