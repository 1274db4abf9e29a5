import { cloneModel } from "@octet/onnx/io/clone-model";
import { encodeModel } from "@octet/onnx/io/encode-model";
import type { Model } from "@octet/onnx/ir/model";
import { addInts } from "@octet/onnx/passes/constants-of";
import type { Runtime, RuntimeSession, RuntimeTensor } from "../runtime.ts";
import { cutBack, floatValue, type Values } from "./value-source.ts";

interface Port {
  value: string;
  elements: string;
  output: string;
}

/**
 * Runs a model and hands out chosen elements of inner values. They are picked inside the graph, so that activations die
 * there as soon as nothing needs them: fetching whole ones would keep all of them alive at once.
 */
export class ElementGatherer {
  private readonly session: RuntimeSession;
  private readonly ports: readonly Port[];

  private constructor(session: RuntimeSession, ports: readonly Port[]) {
    this.session = session;
    this.ports = ports;
  }

  /** @throws AppError BAD_INPUT for a value that the model does not have, MODEL_INVALID */
  static async create(model: Model, values: readonly string[], runtime: Runtime): Promise<ElementGatherer> {
    const extended = cloneModel(model);
    const { graph } = extended;
    const flat = addInts(graph, "octet_flat", [-1]);
    const node = (opType: string, inputs: string[]): string => {
      const output = graph.freshName(`octet_${opType}`);
      graph.addNode({ opType, inputs, outputs: [output], attributes: new Map() });
      return output;
    };
    // Deepest first, as in calibrate/collect.ts: what is asked for last is worked out first.
    const ports = [...values].reverse().map((value): Port => {
      const elements = graph.freshName("octet_elements");
      graph.inputs.push({ name: elements, dataType: "int32", shape: [null] });
      return { value, elements, output: node("Gather", [node("Reshape", [value, flat]), elements]) };
    });
    graph.changed();
    const session = await runtime.load(
      encodeModel(
        cutBack(
          extended,
          ports.map(({ output }) => output),
        ),
      ),
    );
    return new ElementGatherer(session, ports.reverse());
  }

  /** @param elements of each value, row-major; −1 gives 0 @throws AppError INFERENCE_FAILED */
  async run(feed: Values, elements: readonly Int32Array[]): Promise<Float32Array[]> {
    const feeds: Record<string, RuntimeTensor> = {};
    for (const name of this.session.inputNames) if (feed[name]) feeds[name] = feed[name];
    for (const [at, port] of this.ports.entries()) feeds[port.elements] = { dims: [elements[at]!.length], data: elements[at]! };
    const results = await this.session.run(feeds);
    return this.ports.map(({ output }, at) => {
      const { data } = floatValue(results, output);
      const wanted = elements[at]!;
      for (let index = 0; index < wanted.length; index++) if (wanted[index]! < 0) data[index] = 0;
      return data;
    });
  }

  close(): Promise<void> {
    return this.session.close();
  }
}
