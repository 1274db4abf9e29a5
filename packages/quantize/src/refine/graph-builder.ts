import { encodeModel } from "@octet/onnx/io/encode-model";
import { Graph } from "@octet/onnx/ir/graph";
import type { Attribute, Dim } from "@octet/onnx/ir/model";

/** Builds small float32 graphs for a runtime to compute with; each operator returns the name of its result. */
export class GraphBuilder {
  private readonly graph = new Graph();
  private count = 0;

  input(name: string, shape: Dim[], dataType: "float32" | "int64" = "float32"): string {
    this.graph.inputs.push({ name, dataType, shape });
    return name;
  }

  constant(dims: number[], data: Float32Array): string {
    return this.graph.addInitializer({ name: this.fresh("constant"), dataType: "float32", dims, data }).name;
  }

  scalar(value: number): string {
    return this.constant([], Float32Array.of(value));
  }

  op(opType: string, inputs: string[], attributes: Record<string, Attribute> = {}): string {
    const output = this.fresh(opType);
    this.graph.nodes.push({ name: output, opType, domain: "", inputs, outputs: [output], attributes: new Map(Object.entries(attributes)) });
    return output;
  }

  /** Names a result, and makes it an output. */
  output(name: string, value: string): void {
    this.graph.nodes.push({ name, opType: "Identity", domain: "", inputs: [value], outputs: [name], attributes: new Map() });
    this.graph.outputs.push({ name, dataType: "float32", shape: null });
  }

  /** The bytes of a model of opset 13. */
  encode(): Uint8Array {
    this.graph.name = "compute";
    this.graph.changed();
    return encodeModel({
      irVersion: 8,
      opsets: new Map([["", 13]]),
      producerName: "octet",
      producerVersion: "",
      domain: "",
      modelVersion: 0n,
      docString: "",
      metadata: new Map(),
      graph: this.graph,
    });
  }

  private fresh(hint: string): string {
    return `${hint}_${this.count++}`;
  }
}
