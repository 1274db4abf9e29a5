import { invalid, unsupported } from "../io/model-error.ts";
import type { Graph } from "../ir/graph.ts";
import type { GraphNode, ValueInfo } from "../ir/model.ts";
import { isStoredAs, storageLength } from "../ir/storage.ts";
import type { Tensor } from "../ir/tensor.ts";
import { declaredShape, showShape } from "../ops/dims.ts";
import { opSchemas } from "../ops/op-schemas.ts";
import type { CheckLimits } from "./check-model.ts";

export interface GraphRules {
  opset: number;
  limits: CheckLimits;
  domains: ReadonlySet<string>;
}

/** A name as a message may hold it: foreign text, so short and without control characters. */
export function shown(name: string): string {
  const clean = name.replaceAll(/\p{Cc}/gu, "�");
  return clean.length > 80 ? `${clean.slice(0, 80)}…` : clean;
}

const nodeName = (node: GraphNode) => `node "${shown(node.name || (node.outputs[0] ?? ""))}" (${shown(node.opType)})`;

/** One graph and those inside it; `outer` are the names that it may take from around it. @throws AppError MODEL_INVALID, MODEL_UNSUPPORTED */
export function checkGraph(graph: Graph, rules: GraphRules, outer: ReadonlySet<string> = new Set()): void {
  const defined = new Set<string>();
  const isNested = outer.size > 0;
  for (const input of graph.inputs) {
    checkInfo(input, "Input", rules);
    if (defined.has(input.name)) throw invalid(`The graph has two inputs of the name "${shown(input.name)}"`);
    if (!isNested && !input.dataType && !input.raw && !graph.initializers.has(input.name))
      throw invalid(`Input "${shown(input.name)}" has no type`);
    defined.add(input.name);
  }
  for (const [name, tensor] of graph.initializers) {
    checkName(name, "An initializer", rules);
    checkTensor(tensor, `Initializer "${shown(name)}"`);
    defined.add(name);
  }
  for (const node of graph.nodes)
    for (const output of node.outputs) {
      if (output === "") continue;
      checkName(output, `An output of ${nodeName(node)}`, rules);
      if (defined.has(output)) throw invalid(`Value "${shown(output)}" is made by ${nodeName(node)}, and by something else too`);
      defined.add(output);
    }
  const visible = new Set([...outer, ...defined]);
  for (const node of graph.nodes) checkNode(node, rules, visible);
  if (graph.outputs.length === 0) throw invalid("The graph has no outputs");
  const outputs = new Set<string>();
  for (const output of graph.outputs) {
    checkInfo(output, "Output", rules);
    if (!visible.has(output.name)) throw invalid(`Output "${shown(output.name)}" of the graph is made by no node`);
    if (outputs.has(output.name)) throw invalid(`The graph has two outputs of the name "${shown(output.name)}"`);
    outputs.add(output.name);
  }
  try {
    graph.sort();
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error), undefined, error);
  }
}

function checkName(name: string, what: string, { limits }: GraphRules): void {
  if (name === "") throw invalid(`${what} has no name`);
  if (name.length > limits.nameLength) throw invalid(`${what} has a name of ${name.length} characters: "${shown(name)}"`);
}

function checkInfo(info: ValueInfo, what: string, rules: GraphRules): void {
  checkName(info.name, `${what} of the graph`, rules);
  info.shape = declaredShape(info.shape);
  if (info.shape?.some((dim) => typeof dim === "number" && dim < 0))
    throw invalid(
      `${what} "${shown(info.name)}" is declared as ${showShape(info.shape)}`,
      "Sizes that vary are given by a name. Export the model again.",
    );
}

function checkTensor({ dataType, dims, data }: Tensor, what: string): void {
  if (dims.some((dim) => !Number.isSafeInteger(dim) || dim < 0)) throw invalid(`${what} is declared as [${dims.join(", ")}]`);
  const needed = storageLength(dataType, dims);
  if (data.length !== needed || !isStoredAs(dataType, data))
    throw invalid(`${what} (${dataType} [${dims.join(", ")}]) needs ${needed} elements and has ${data.length}`);
}

function checkNode(node: GraphNode, rules: GraphRules, visible: ReadonlySet<string>): void {
  const where = nodeName(node);
  if (node.opType === "") throw invalid(`Node "${shown(node.name)}" names no operator`);
  if (node.name.length > rules.limits.nameLength)
    throw invalid(`A node has a name of ${node.name.length} characters: "${shown(node.name)}"`);
  if (!rules.domains.has(node.domain))
    throw unsupported(
      `The operator of ${where} is of the domain "${shown(node.domain)}", which is not known`,
      "Export the model with ONNX's own operators.",
    );
  for (const [position, input] of node.inputs.entries())
    if (input !== "" && !visible.has(input)) throw invalid(`Input ${position} of ${where} is "${shown(input)}", which nothing makes`);
  for (const [name, attribute] of node.attributes) {
    const graphs = attribute.type === "graph" ? [attribute.value] : attribute.type === "graphs" ? attribute.value : [];
    for (const graph of graphs) checkGraph(graph, rules, visible);
    const tensors = attribute.type === "tensor" ? [attribute.value] : attribute.type === "tensors" ? attribute.value : [];
    for (const tensor of tensors) checkTensor(tensor, `Attribute "${shown(name)}" of ${where}`);
  }
  if (node.domain === "") checkAgainstSchema(node, where, rules);
}

function checkAgainstSchema(node: GraphNode, where: string, { opset }: GraphRules): void {
  const schema = opSchemas.get(node.opType);
  if (!schema) return;
  if (opset < schema.since) throw invalid(`The operator of ${where} came with opset ${schema.since}, and the model uses ${opset}`);
  if (schema.until !== undefined && opset >= schema.until)
    throw invalid(`The operator of ${where} went with opset ${schema.until}, and the model uses ${opset}`);
  const count = (list: readonly string[], [least, most]: readonly [number, number], what: string) => {
    if (list.length < least || list.length > most)
      throw invalid(
        `${where[0]!.toUpperCase()}${where.slice(1)} has ${list.length} ${what}; ${least === most ? least : `${least} to ${most}`} are allowed`,
      );
  };
  count(node.inputs, schema.inputs, "inputs");
  count(node.outputs, schema.outputs, "outputs");
  for (let position = 0; position < schema.inputs[0]; position++)
    if (node.inputs[position] === "") throw invalid(`Input ${position} of ${where} is left out, and may not be`);
  for (const [name, { type }] of node.attributes) {
    const expected = schema.attributes[name];
    // Bytes that were kept: not of a kind that this operator takes, or a sparse tensor.
    if (expected && type !== expected && !(type === "raw" && (expected === "tensor" || expected === "string")))
      throw invalid(`Attribute "${name}" of ${where} is of the type ${type}; ${expected} is expected`);
  }
}
