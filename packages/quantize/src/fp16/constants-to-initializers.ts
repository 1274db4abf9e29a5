import type { Attribute, Model } from "@octet/onnx/ir/model";
import type { Tensor } from "@octet/onnx/ir/tensor";

/** Turns Constant nodes with float32 values into initializers, which may then exist in two types. Returns how many. */
export function constantsToInitializers(model: Model): number {
  const { graph } = model;
  const moved = graph.nodes.filter((node) => {
    const [output] = node.outputs;
    if (node.opType !== "Constant" || node.domain !== "" || !output || graph.isOutput(output)) return false;
    const tensor = floatConstant(output, node.attributes);
    if (tensor) graph.addInitializer(tensor);
    return tensor !== null;
  });
  graph.removeNodes(moved);
  for (const { outputs } of moved) graph.valueInfo.delete(outputs[0]!);
  // Older files must list initializers as inputs too.
  if (moved.length > 0) model.irVersion = Math.max(model.irVersion, 4);
  return moved.length;
}

function floatConstant(name: string, attributes: ReadonlyMap<string, Attribute>): Tensor | null {
  const value = attributes.get("value");
  if (value?.type === "tensor") return value.value.dataType === "float32" ? { ...value.value, name } : null;
  const single = attributes.get("value_float");
  if (single?.type === "float") return { name, dataType: "float32", dims: [], data: Float32Array.of(single.value) };
  const list = attributes.get("value_floats");
  if (list?.type === "floats") return { name, dataType: "float32", dims: [list.value.length], data: Float32Array.from(list.value) };
  return null;
}
