import path from "node:path";
import type { Provider } from "@octet/inference/session-messages";
import { SessionPool } from "@octet/inference/session-pool";
import { readModelFile, writeModelFile } from "@octet/onnx/io/model-file";
import { inferValues } from "@octet/onnx/ops/infer-shapes";
import { modelPrecision } from "@octet/onnx/stats/model-precision";
import type { InputSpec } from "@octet/vision/models/family";

/** A session that gives inner values too. */
export interface Probe {
  pool: SessionPool;
  /** The name of the session's output by the value's name. */
  outputOf: Map<string, string>;
}

/**
 * Writes a copy of the model that has `values` as outputs, those of float16 cast to float32, and opens it. The runtime fuses less around a value
 * that it has to give: what comes out is what the graph says.
 */
export async function openProbe(
  model: string,
  values: readonly string[],
  { folder, label, input, provider }: { folder: string; label: string; input: InputSpec; provider: Provider },
): Promise<Probe> {
  const probed = await readModelFile(model);
  const { graph } = probed;
  const states = inferValues(probed);
  const outputOf = new Map<string, string>();
  for (const value of values) {
    const state = states.get(value);
    let output = value;
    if (state?.dataType === "float16") {
      output = graph.freshName(`${value}_float32`);
      graph.addNode({ opType: "Cast", inputs: [value], outputs: [output], attributes: new Map([["to", { type: "int", value: 1n }]]) });
    }
    outputOf.set(value, output);
    if (!graph.isOutput(output)) graph.outputs.push({ name: output, dataType: "float32", shape: state?.shape ?? null });
  }
  const file = path.join(folder, `${label}.onnx`);
  await writeModelFile(probed, file);
  const precision = modelPrecision(probed);
  return { pool: await SessionPool.create({ modelPath: file, threads: 1, provider, precision, input }), outputOf };
}
