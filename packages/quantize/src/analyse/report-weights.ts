import type { Graph } from "@octet/onnx/ir/graph";
import { floatsOf, type Tensor } from "@octet/onnx/ir/tensor";
import { constantOf } from "@octet/onnx/passes/constants-of";
import { extentOf } from "../calibrate/extent.ts";
import { outputAxis } from "../int8/emit.ts";
import type { Calibration, QuantizedModel } from "../int8/quantize-model.ts";
import { errorStatistics } from "../numeric/error-statistics.ts";
import { fromFloat16 } from "../numeric/float16.ts";
import { dequantizeLinearPerAxis } from "../numeric/quantize.ts";
import type { ReportHistogram, WeightReport } from "./report.ts";

const BINS = 64;

/** Weights of every integer layer, in the graph's order, as they were and as they are written in the quantised model. */
export function weightReports({ prepared }: Pick<Calibration, "prepared">, { model, plan }: QuantizedModel): WeightReport[] {
  const written = new Map(model.graph.nodes.map((node) => [node.name, node]));
  return prepared.graph.nodes.flatMap((node) => {
    const bits = plan.weighted.get(node.name)?.bits;
    const weight = constantOf(prepared.graph, node.inputs[1]);
    const after = bits ? dequantised(model.graph, written.get(node.name)?.inputs[1]) : null;
    if (!bits || !weight || !after) return [];
    const values = floatsOf(weight);
    const [a, b] = [extentOf(values), extentOf(after.values)];
    const extent = { min: Math.min(a.min, b.min, 0), max: Math.max(a.max, b.max, 0) };
    return [
      {
        name: node.name,
        channels: weight.dims[outputAxis(node, weight)] ?? 1,
        bits,
        before: histogramOf(values, extent),
        after: histogramOf(after.values, extent),
        sqnrDb: errorStatistics(values, after.values).sqnrDb,
        scaleMin: after.scales.reduce((least, scale) => Math.min(least, scale), Number.POSITIVE_INFINITY),
        scaleMax: after.scales.reduce((most, scale) => Math.max(most, scale), 0),
      },
    ];
  });
}

/** What the DequantizeLinear that makes `value` gives; null where there is none. */
function dequantised(graph: Graph, value: string | undefined): { values: Float32Array; scales: Float32Array } | null {
  const maker = value ? graph.producer(value) : undefined;
  // Float16 models may cast what comes out.
  const node = maker?.opType === "Cast" ? graph.producer(maker.inputs[0]!) : maker;
  if (node?.opType !== "DequantizeLinear") return null;
  const [weight, scale] = node.inputs.map((input) => constantOf(graph, input));
  const scales = scale ? scalesOf(scale) : null;
  if (!(weight?.data instanceof Int8Array) || !scale || !scales) return null;
  const attribute = node.attributes.get("axis");
  const perTensor = scale.dims.length === 0;
  const axis = perTensor ? 0 : attribute?.type === "int" ? Number(attribute.value) : 1;
  const dims = perTensor ? [1, ...weight.dims] : weight.dims;
  const zeroPoints = new Int8Array(scales.length);
  return { values: dequantizeLinearPerAxis(weight.data, { dims, axis, scales, zeroPoints }), scales };
}

function scalesOf({ dataType, data }: Tensor): Float32Array | null {
  if (data instanceof Float32Array) return data;
  return dataType === "float16" && data instanceof Uint16Array ? fromFloat16(data) : null;
}

function histogramOf(values: Float32Array, { min, max }: { min: number; max: number }): ReportHistogram {
  const width = (max - min) / BINS || 1;
  const counts = new Array<number>(BINS).fill(0);
  for (const value of values) counts[Math.max(0, Math.min(BINS - 1, Math.floor((value - min) / width)))]!++;
  return { start: min, width, counts };
}
