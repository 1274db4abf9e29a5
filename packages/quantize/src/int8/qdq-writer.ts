import type { Graph } from "@octet/onnx/ir/graph";
import type { GraphNode } from "@octet/onnx/ir/model";
import type { Tensor } from "@octet/onnx/ir/tensor";
import type { QuantParams } from "../numeric/quant-params.ts";
import type { QuantizedBias, QuantizedWeights } from "../numeric/weights.ts";

/** Writes QuantizeLinear and DequantizeLinear nodes into a graph. Names tell which value they belong to. */
export class QdqWriter {
  private readonly graph: Graph;
  private readonly constants = new Map<string, string>();

  constructor(graph: Graph) {
    this.graph = graph;
  }

  /** value → Q → DQ; returns the dequantised value's name (`name` where it is given). */
  pair(value: string, params: QuantParams, name?: string): string {
    const { graph } = this;
    const inputs = this.activationConstants(params);
    const quantised = graph.freshName(`${value}_quantized`);
    graph.addNode({
      name: graph.freshName(`${value}_QuantizeLinear`),
      opType: "QuantizeLinear",
      inputs: [value, ...inputs],
      outputs: [quantised],
    });
    const output = name ?? graph.freshName(`${value}_dequantized`);
    graph.addNode({
      name: graph.freshName(`${value}_DequantizeLinear`),
      opType: "DequantizeLinear",
      inputs: [quantised, ...inputs],
      outputs: [output],
    });
    return output;
  }

  /** Replaces the constant input `position` of a node by int8 weights and their DQ. */
  weights(node: GraphNode, position: number, dims: readonly number[], weights: QuantizedWeights): void {
    const value = node.inputs[position]!;
    const scalar = weights.axis === null;
    const initializers: Tensor[] = [
      { name: "_quantized", dataType: "int8", dims: [...dims], data: weights.data },
      { name: "_scale", dataType: "float32", dims: scalar ? [] : [weights.scales.length], data: weights.scales },
      { name: "_zero_point", dataType: "int8", dims: scalar ? [] : [weights.zeroPoints.length], data: weights.zeroPoints },
    ];
    this.dequantised(node, position, value, initializers, weights.axis);
  }

  /** Replaces the bias (or gives one) by int32 with the scale inputScale·weightScale. */
  bias(node: GraphNode, value: string, { data, scales }: QuantizedBias): void {
    const scalar = scales.length === 1 && data.length !== 1;
    const initializers: Tensor[] = [
      { name: "_quantized", dataType: "int32", dims: [data.length], data },
      { name: "_scale", dataType: "float32", dims: scalar ? [] : [scales.length], data: scales },
      {
        name: "_zero_point",
        dataType: "int32",
        dims: scalar ? [] : [scales.length],
        data: new Int32Array(scalar ? 1 : scales.length),
      },
    ];
    while (node.inputs.length < 3) node.inputs.push("");
    this.dequantised(node, 2, value, initializers, scalar ? null : 0);
  }

  private dequantised(node: GraphNode, position: number, value: string, initializers: Tensor[], axis: number | null): void {
    const { graph } = this;
    const inputs = initializers.map((tensor) => graph.addInitializer({ ...tensor, name: graph.freshName(`${value}${tensor.name}`) }).name);
    const output = graph.freshName(`${value}_dequantized`);
    graph.addNode(
      {
        name: graph.freshName(`${value}_DequantizeLinear`),
        opType: "DequantizeLinear",
        inputs,
        outputs: [output],
        attributes: new Map(axis === null ? [] : [["axis", { type: "int" as const, value: BigInt(axis) }]]),
      },
      node,
    );
    graph.setInput(node, position, output);
  }

  /** One scale and one zero point tensor for all values with the same parameters. */
  private activationConstants({ scale, zeroPoint, dataType }: QuantParams): [string, string] {
    return [
      this.constant(`scale_${scale}`, () => ({ dataType: "float32", data: Float32Array.of(scale) })),
      this.constant(`zero_point_${dataType}_${zeroPoint}`, () => ({
        dataType,
        data: dataType === "uint8" ? Uint8Array.of(zeroPoint) : Int8Array.of(zeroPoint),
      })),
    ];
  }

  private constant(key: string, make: () => Pick<Tensor, "dataType" | "data">): string {
    const known = this.constants.get(key);
    if (known) return known;
    const name = this.graph.freshName(`octet_${key}`);
    this.graph.addInitializer({ name, dims: [], ...make() });
    this.constants.set(key, name);
    return name;
  }
}
