import { decodeModel } from "@octet/onnx/io/decode-model";
import { encodeModel } from "@octet/onnx/io/encode-model";
import { type Graph, readsOf } from "@octet/onnx/ir/graph";
import type { GraphNode, Model } from "@octet/onnx/ir/model";
import { AppError } from "@octet/shared/errors";
import type { Runtime, RuntimeTensor } from "../runtime.ts";

export type Values = Readonly<Record<string, RuntimeTensor>>;

/** Hands out inner values of one model over the same images, in the same order each time. */
export interface ValueSource {
  /** One record an image. @throws AppError BAD_INPUT for a value that the model does not have */
  read(values: readonly string[]): AsyncIterable<Values>;
}

/**
 * Values of a model that is run over `feeds` anew for each reading, cut back to what the wanted values need. Nothing is
 * kept in between, so memory does not depend on how many images there are.
 */
export function valueSource(
  model: Model,
  feeds: Iterable<Values> | (() => Iterable<Values> | AsyncIterable<Values>),
  runtime: Runtime,
): ValueSource {
  const bytes = encodeModel(model);
  const inputs = new Set(model.graph.inputs.map(({ name }) => name));
  return {
    async *read(values) {
      const inner = [...new Set(values)].filter((value) => !inputs.has(value));
      const images = typeof feeds === "function" ? feeds() : feeds;
      if (inner.length === 0) {
        for await (const feed of images) yield feed;
        return;
      }
      const session = await runtime.load(encodeModel(cutBack(decodeModel(bytes), inner)));
      try {
        for await (const feed of images) {
          const needed = Object.fromEntries(session.inputNames.map((name) => [name, feed[name]!]));
          yield { ...feed, ...(await session.run(needed, inner)) };
        }
      } finally {
        await session.close();
      }
    },
  };
}

/** Leaves the nodes that lead to the values, which become the outputs. @throws AppError BAD_INPUT for an unknown value */
export function cutBack(model: Model, values: readonly string[]): Model {
  const { graph } = model;
  const needed = new Set<GraphNode>();
  const open = values.map((value) => {
    const producer = graph.producer(value);
    if (!producer) throw new AppError("BAD_INPUT", `The model has no inner value "${value}"`);
    return producer;
  });
  for (let node = open.pop(); node; node = open.pop()) {
    if (needed.has(node)) continue;
    needed.add(node);
    for (const value of readsOf(node)) {
      const producer = graph.producer(value);
      if (producer) open.push(producer);
    }
  }
  graph.nodes = graph.nodes.filter((node) => needed.has(node));
  graph.outputs = values.map((name) => graph.outputs.find((info) => info.name === name) ?? { name, dataType: "float32", shape: null });
  graph.inputs = usedInputs(graph);
  graph.changed();
  graph.prune();
  return model;
}

function usedInputs(graph: Graph): Graph["inputs"] {
  const read = new Set(graph.nodes.flatMap((node) => [...readsOf(node)]));
  return graph.inputs.filter(({ name }) => read.has(name));
}

/** Both sources' values image by image; only one image's are held. */
export async function* paired(
  first: ValueSource,
  firstValues: readonly string[],
  second: ValueSource,
  secondValues: readonly string[],
): AsyncGenerator<[Values, Values]> {
  const other = second.read(secondValues)[Symbol.asyncIterator]();
  try {
    for await (const values of first.read(firstValues)) {
      const next = await other.next();
      if (next.done) return;
      yield [values, next.value];
    }
  } finally {
    await other.return?.();
  }
}

/** The elements of a float32 value. @throws AppError BAD_INPUT where there are none */
export function floatValue(values: Values, name: string): { dims: readonly number[]; data: Float32Array } {
  const value = values[name];
  if (value?.data instanceof Float32Array) return { dims: value.dims, data: value.data };
  throw new AppError("BAD_INPUT", `Value "${name}" is not float32`);
}
