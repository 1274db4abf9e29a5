import { stringAttribute } from "../../ir/model.ts";
import { unsupported } from "../../io/model-error.ts";
import { addFloats, constantOf } from "../constants-of.ts";
import { nameOf, place, type Step } from "./step.ts";

/** Upsample was renamed; its scales, an attribute up to opset 8, are an input. */
export function upsampleToResize(step: Step): boolean {
  const { graph, node, target } = step;
  const scales = node.attributes.get("scales");
  if (scales?.type === "floats") {
    node.attributes.delete("scales");
    place(graph, node, 1, addFloats(graph, `${node.name || node.outputs[0]}_scales`, scales.value));
  }
  node.opType = "Resize";
  graph.changed();
  if (target >= 11) resizeFromTen(step);
  return true;
}

/**
 * Opset 11 put the region of interest between data and scales and named what had been fixed: asymmetric coordinates, and
 * nearest pixels rounded down when growing, up when shrinking (ONNX Runtime's "simple" mode, by axis).
 */
export function resizeFromTen({ graph, node, from, target }: Step): boolean {
  if (from >= 11 || node.attributes.has("coordinate_transformation_mode")) return false;
  const scales = node.inputs[1];
  if (!scales) throw unsupported(`${nameOf(node)} has no scales`, "Export the model with opset 11 or later.");
  const values = constantOf(graph, scales)?.data;
  const shrinks = values instanceof Float32Array && values.some((scale) => scale < 1);
  if (shrinks && values.some((scale) => scale > 1))
    throw unsupported(`${nameOf(node)} grows along one axis and shrinks along another`, "Export the model with opset 11 or later.");
  // The region of interest, which "asymmetric" does not look at, may be left out from opset 13 on.
  const region = target < 13 ? addFloats(graph, `${node.name || node.outputs[0]}_roi`, []) : "";
  node.inputs = [node.inputs[0]!, region, scales];
  const mode = stringAttribute(node, "mode", "nearest");
  // "bilinear" is how some old exporters said it.
  node.attributes.set("mode", { type: "string", value: mode === "bilinear" ? "linear" : mode });
  node.attributes.set("coordinate_transformation_mode", { type: "string", value: "asymmetric" });
  if (mode === "nearest") node.attributes.set("nearest_mode", { type: "string", value: shrinks ? "ceil" : "floor" });
  graph.changed();
  return true;
}

export function resizeToThirteen({ graph, node }: Step): boolean {
  if (stringAttribute(node, "coordinate_transformation_mode", "half_pixel") === "tf_half_pixel_for_nn")
    throw unsupported(`${nameOf(node)} uses tf_half_pixel_for_nn, which ONNX took away`, "Export the model with opset 13 or later.");
  // An empty tensor for what is left out: the new form leaves it out.
  let changed = false;
  for (const [position, input] of node.inputs.entries())
    if (position > 0 && constantOf(graph, input)?.data.length === 0) {
      node.inputs[position] = "";
      changed = true;
    }
  while (node.inputs.at(-1) === "") node.inputs.pop();
  if (changed) graph.changed();
  return changed;
}
