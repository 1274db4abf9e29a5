import { intAttribute } from "../../ir/model.ts";
import { unsupported } from "../../io/model-error.ts";
import { nameOf, type Step } from "./step.ts";

/**
 * Up to opset 12 Softmax flattened its input to two dimensions at `axis` (1 unless given) and normalised over all of the second;
 * since 13 it normalises along one axis (the last unless given). The same where what follows the axis has one element; elsewhere
 * the flattening is written out.
 */
export function flattenedSoftmax({ graph, node, shapeOf }: Step): boolean {
  const input = node.inputs[0]!;
  const shape = shapeOf(input);
  const given = intAttribute(node, "axis", 1);
  if (!shape) throw unsupported(`The rank of the input of ${nameOf(node)} is not known`, "Export the model with opset 13 or later.");
  const axis = given < 0 ? given + shape.length : given;
  const long = shape.flatMap((dim, at) => (at >= axis && dim !== 1 ? [at] : []));
  if (long.length <= 1) {
    node.attributes.set("axis", { type: "int", value: BigInt(long[0] ?? axis) });
    return true;
  }
  const hint = node.name || node.outputs[0]!;
  const output = node.outputs[0]!;
  const [sizes, flat, result] = ["shape", "flat", "normal"].map((part) => graph.freshName(`${hint}_${part}`)) as [string, string, string];
  graph.addNode({ opType: "Shape", inputs: [input], outputs: [sizes] }, node);
  graph.addNode(
    { opType: "Flatten", inputs: [input], outputs: [flat], attributes: new Map([["axis", { type: "int", value: BigInt(axis) }]]) },
    node,
  );
  node.inputs = [flat];
  node.outputs = [result];
  graph.changed();
  node.attributes.set("axis", { type: "int", value: 1n });
  const after = graph.nodes[graph.nodes.indexOf(node) + 1];
  graph.addNode({ opType: "Reshape", inputs: [result, sizes], outputs: [output] }, after);
  return true;
}
