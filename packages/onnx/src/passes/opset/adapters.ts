import { floatAttribute, intAttribute, stringAttribute } from "../../ir/model.ts";
import { unsupported } from "../../io/model-error.ts";
import { addFloats, addInts } from "../constants-of.ts";
import { resizeFromTen, resizeToThirteen, upsampleToResize } from "./resize.ts";
import { flattenedSoftmax } from "./softmax.ts";
import { nameOf, place, type Step } from "./step.ts";

/** How nodes of `op` change at opset `at`. `adapt` says false where nothing was to be done. */
export interface Adapter {
  op: readonly string[];
  at: number;
  adapt: (step: Step) => boolean;
}

const reductions = ["Max", "Mean", "Min", "Prod", "L1", "L2", "LogSum", "LogSumExp", "SumSquare"].map((kind) => `Reduce${kind}`);

/** By the changelog of ONNX's operators (onnx/docs/Changelog.md), in the order of opsets; the rest kept form and meaning. */
export const adapters: readonly Adapter[] = [
  { op: ["Scan"], at: 9, adapt: refuse("changed its inputs in opset 9") },
  { op: ["BatchNormalization"], at: 9, adapt: dropSpatial },
  { op: ["Upsample"], at: 10, adapt: upsampleToResize },
  { op: ["TopK"], at: 10, adapt: intToInput("k", 1) },
  { op: ["Slice"], at: 10, adapt: sliceToInputs },
  { op: ["Dropout"], at: 12, adapt: dropoutToInputs },
  { op: ["Resize"], at: 11, adapt: resizeFromTen },
  { op: ["Clip"], at: 11, adapt: clipToInputs },
  { op: ["Pad"], at: 11, adapt: padToInputs },
  { op: ["Scatter"], at: 11, adapt: renameTo("ScatterElements") },
  { op: ["Squeeze", "Unsqueeze", "ReduceSum"], at: 13, adapt: intsToInput("axes", 1) },
  { op: ["Split"], at: 13, adapt: intsToInput("split", 1) },
  { op: ["Softmax", "LogSoftmax", "Hardmax"], at: 13, adapt: flattenedSoftmax },
  { op: ["Resize"], at: 13, adapt: resizeToThirteen },
  { op: ["BatchNormalization"], at: 14, adapt: dropStatistics },
  { op: ["RoiAlign"], at: 16, adapt: roiAlignHalfPixel },
  { op: reductions, at: 18, adapt: intsToInput("axes", 1) },
  { op: ["Split"], at: 18, adapt: countParts },
  { op: ["GroupNormalization"], at: 21, adapt: refuse("takes its scale by channel, no longer by group, in opset 21") },
];

function refuse(why: string) {
  return ({ node }: Step): never => {
    throw unsupported(`The opset of ${nameOf(node)} cannot be raised: it ${why}`, "Export the model with a later opset.");
  };
}

function renameTo(opType: string) {
  return ({ node, graph }: Step): boolean => {
    node.opType = opType;
    graph.changed();
    return true;
  };
}

/** An attribute that became input `position`. */
function intsToInput(attribute: string, position: number) {
  return ({ graph, node }: Step): boolean => {
    const found = node.attributes.get(attribute);
    if (found?.type !== "ints") return false;
    node.attributes.delete(attribute);
    place(graph, node, position, addInts(graph, `${node.name || node.outputs[0]}_${attribute}`, found.value));
    return true;
  };
}

function intToInput(attribute: string, position: number) {
  return ({ graph, node }: Step): boolean => {
    const found = node.attributes.get(attribute);
    if (found?.type !== "int") return false;
    node.attributes.delete(attribute);
    place(graph, node, position, addInts(graph, `${node.name || node.outputs[0]}_${attribute}`, [found.value]));
    return true;
  };
}

function sliceToInputs(step: Step): boolean {
  const { node } = step;
  if (!node.attributes.has("starts")) return false;
  intsToInput("starts", 1)(step);
  intsToInput("ends", 2)(step);
  intsToInput("axes", 3)(step);
  return true;
}

function clipToInputs({ graph, node }: Step): boolean {
  let changed = false;
  for (const [attribute, position] of [
    ["min", 1],
    ["max", 2],
  ] as const) {
    const found = node.attributes.get(attribute);
    if (found?.type !== "float") continue;
    node.attributes.delete(attribute);
    // The old defaults are the largest floats: no bound at all.
    if (Math.abs(found.value) < 3.4e38)
      place(graph, node, position, addFloats(graph, `${node.name || node.outputs[0]}_${attribute}`, [found.value], []));
    changed = true;
  }
  return changed;
}

function padToInputs(step: Step): boolean {
  const { graph, node } = step;
  if (!intsToInput("pads", 1)(step)) return false;
  const value = floatAttribute(node, "value", 0);
  node.attributes.delete("value");
  if (value !== 0) place(graph, node, 2, addFloats(graph, `${node.name || node.outputs[0]}_value`, [value], []));
  return true;
}

/** Its ratio means nothing at inference; from opset 12 on it would be an input. */
function dropoutToInputs({ node }: Step): boolean {
  const had = node.attributes.delete("ratio");
  return node.attributes.delete("is_test") || had;
}

function dropSpatial({ node }: Step): boolean {
  if (intAttribute(node, "spatial", 1) === 0)
    throw unsupported(
      `${nameOf(node)} has statistics by pixel (spatial=0), which ONNX no longer knows`,
      "Export the model with a later opset.",
    );
  return node.attributes.delete("spatial");
}

/** The running statistics are outputs of training only. */
function dropStatistics({ graph, node }: Step): boolean {
  if (node.outputs.length < 2) return false;
  const read = node.outputs.slice(1).find((name) => name !== "" && (graph.consumers(name).length > 0 || graph.isOutput(name)));
  if (read) throw unsupported(`Output "${read}" of ${nameOf(node)} exists only in training`, "Export the model for inference.");
  node.outputs.length = 1;
  graph.changed();
  return true;
}

function roiAlignHalfPixel({ node }: Step): boolean {
  node.attributes.set("coordinate_transformation_mode", {
    type: "string",
    value: stringAttribute(node, "coordinate_transformation_mode", "output_half_pixel"),
  });
  return true;
}

/** Equal parts have to be counted where no sizes are given. */
function countParts({ node }: Step): boolean {
  if (node.inputs[1] || node.attributes.has("num_outputs")) return false;
  node.attributes.set("num_outputs", { type: "int", value: BigInt(node.outputs.length) });
  return true;
}
