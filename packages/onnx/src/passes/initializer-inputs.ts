import type { Model } from "../ir/model.ts";

/**
 * Takes initializers off the list of graph inputs, and says how many. Files of IR version 3 and older list each weight there,
 * newer ones to let callers replace it; while it is listed, no runtime may fold or fuse it, and neither may we.
 */
export function dropInitializerInputs(): (model: Model) => number {
  return (model) => {
    const { graph } = model;
    const before = graph.inputs.length;
    graph.inputs = graph.inputs.filter(({ name }) => !graph.initializers.has(name));
    graph.changed();
    // Up to IR version 3 each initializer has to be an input.
    if (before > graph.inputs.length) model.irVersion = Math.max(model.irVersion, 4);
    return before - graph.inputs.length;
  };
}
