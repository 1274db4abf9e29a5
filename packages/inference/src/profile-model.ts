import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type DenseTensor, OnnxSession } from "./onnx-runtime.ts";

export interface Profile {
  /** Median of a run, ms. */
  runMs: number;
  /** Median µs of each kernel, by its name in the runtime's optimised graph. */
  kernels: Map<string, { op: string; us: number }>;
}

/**
 * Times of a model's kernels on this host, on one thread, by ONNX Runtime's own profiler. The first run is left out.
 * @throws AppError MODEL_INVALID, INFERENCE_FAILED
 */
export async function profileModel(model: Uint8Array, feed: Readonly<Record<string, DenseTensor>>, runs: number): Promise<Profile> {
  const folder = await mkdtemp(path.join(tmpdir(), "octet-profile-"));
  try {
    const session = await OnnxSession.load(model, { threads: 1, profilePrefix: path.join(folder, "run") });
    const times: number[] = [];
    try {
      await session.run(feed);
      for (let i = 0; i < runs; i++) {
        const started = performance.now();
        await session.run(feed);
        times.push(performance.now() - started);
      }
    } finally {
      await session.close();
    }
    const [file] = await readdir(folder);
    const events = JSON.parse(await readFile(path.join(folder, file!), "utf8")) as ProfileEvent[];
    const durations = new Map<string, { op: string; all: number[] }>();
    for (const { cat, name, dur, args } of events) {
      if (cat !== "Node" || !name.endsWith("_kernel_time")) continue;
      const kernel = name.slice(0, -"_kernel_time".length);
      const known = durations.get(kernel);
      if (known) known.all.push(dur);
      else durations.set(kernel, { op: args?.op_name ?? "", all: [dur] });
    }
    return {
      runMs: median(times),
      kernels: new Map([...durations].map(([kernel, { op, all }]) => [kernel, { op, us: median(all.slice(1)) }])),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface ProfileEvent {
  cat: string;
  name: string;
  /** µs */
  dur: number;
  args?: { op_name?: string };
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
