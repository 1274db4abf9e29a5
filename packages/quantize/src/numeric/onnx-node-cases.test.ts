import { describe, expect, it } from "vitest";
import fixture from "./fixtures/onnx-node-cases.json" with { type: "json" };
import { convInteger, dynamicQuantizeLinear, type IntTensor, matMulInteger, qLinearConv, qLinearMatMul } from "./integer-kernels.ts";
import { dequantizeLinear, dequantizeLinearPerAxis, type QuantDataType, quantizeLinear, quantizeLinearPerAxis } from "./quantize.ts";

interface Value {
  dataType: string;
  dims: number[];
  data: number[];
}
interface NodeCase {
  name: string;
  opType: string;
  attributes: Record<string, number | number[]>;
  inputs: (Value | null)[];
  outputs: Value[];
}

const cases = fixture.cases as unknown as NodeCase[];
const arrays = { uint8: Uint8Array, int8: Int8Array, int32: Int32Array } as const;

function integers({ dataType, dims, data }: Value): IntTensor {
  return { dims, data: new arrays[dataType as keyof typeof arrays](data) };
}

function run({ opType, attributes, inputs, outputs }: NodeCase): ArrayLike<number>[] {
  const [a, b, c, d, e, f, g, h] = inputs.map((input) => input ?? undefined);
  const axis = (attributes["axis"] as number | undefined) ?? 1;
  switch (opType) {
    case "QuantizeLinear": {
      const dataType = outputs[0]!.dataType as QuantDataType;
      if (b!.dims.length > 0) {
        return [quantizeLinearPerAxis(new Float32Array(a!.data), { dims: a!.dims, axis, scales: b!.data, zeroPoints: c?.data, dataType })];
      }
      return [quantizeLinear(new Float32Array(a!.data), { scale: b!.data[0]!, zeroPoint: c?.data[0] ?? 0, dataType })];
    }
    case "DequantizeLinear":
      if (b!.dims.length > 0) return [dequantizeLinearPerAxis(a!.data, { dims: a!.dims, axis, scales: b!.data, zeroPoints: c?.data })];
      return [dequantizeLinear(a!.data, { scale: b!.data[0]!, zeroPoint: c?.data[0] ?? 0 })];
    case "ConvInteger":
      return [convInteger(integers(a!), integers(b!), c?.data[0], d?.data, { pads: attributes["pads"] as number[] | undefined }).data];
    case "MatMulInteger":
      return [matMulInteger(integers(a!), integers(b!), c?.data, d?.data).data];
    case "DynamicQuantizeLinear": {
      const { data, scale, zeroPoint } = dynamicQuantizeLinear(new Float32Array(a!.data));
      return [data, [scale], [zeroPoint]];
    }
    default: {
      // x, its scale and zero point; w or b, its scale and zero point; scale and zero point of y.
      const kernel = opType === "QLinearConv" ? qLinearConv : qLinearMatMul;
      const dataType = outputs[0]!.dataType as "uint8" | "int8";
      const scales = { xScale: b!.data[0]!, wScales: e!.data, yScale: g!.data[0]!, yZero: h!.data[0]!, dataType };
      return [kernel(integers(a!), integers(d!), scales, { x: c!.data[0]!, w: f!.data }).data];
    }
  }
}

describe("ONNX node test cases", () => {
  it("covers every operator", () => {
    expect(new Set(cases.map(({ opType }) => opType)).size).toBe(7);
  });

  it.each(cases.map((nodeCase) => [nodeCase.name, nodeCase] as const))("%s", (_, nodeCase) => {
    const results = run(nodeCase);
    for (const [position, output] of nodeCase.outputs.entries()) {
      const actual = Array.from(results[position]!);
      if (output.dataType !== "float32") expect(actual).toEqual(output.data);
      else for (const [at, value] of output.data.entries()) expect(actual[at]).toBeCloseTo(value, 5);
    }
  });
});
