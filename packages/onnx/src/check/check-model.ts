import { AppError } from "@octet/shared/errors";
import type { DecodeLimits } from "../io/decode-limits.ts";
import { decodeModel } from "../io/decode-model.ts";
import { invalid, unsupported } from "../io/model-error.ts";
import type { Model } from "../ir/model.ts";
import { tensorBytes } from "../ir/storage.ts";
import { showShape } from "../ops/dims.ts";
import { inferValues } from "../ops/infer-shapes.ts";
import { checkGraph, shown } from "./check-graph.ts";

export interface CheckLimits {
  nodes: number;
  /** Bytes of all initializers together. */
  tensorBytes: number;
  nameLength: number;
  /** Elements of any one value at a batch of 1. */
  valueElements: number;
}

export const checkLimits: CheckLimits = { nodes: 100_000, tensorBytes: 8 * 2 ** 30, nameLength: 1024, valueElements: 2 ** 31 };

export interface CheckOptions {
  limits?: Partial<CheckLimits>;
  decode?: Partial<DecodeLimits>;
  /** Operator sets besides ONNX's own that are let through. */
  domains?: readonly string[] | "all";
  /** Let opsets through that came after this code was written. */
  newerOpsets?: boolean;
}

/** The newest release of ONNX that the schemas were written against: 1.20. */
const NEWEST = { ir: 13, opset: 25 };
const OLDEST_OPSET = 7;

/** ONNX Runtime's own operators, which its optimiser and quantiser write. */
const usualDomains = ["com.microsoft"];

/**
 * Refuses models that are broken or hostile, with the node's name and the reason: names that are defined twice or never,
 * cycles, operators with the wrong number of inputs or attributes of the wrong type, opsets and domains that are not known, shapes that
 * contradict each other, sizes beyond reason. Gives the model back with its nodes in order. A model that passes may still use an
 * operator that a runtime does not have.
 * @throws AppError MODEL_INVALID, MODEL_UNSUPPORTED
 */
export function checkModel(input: Model | Uint8Array, options: CheckOptions = {}): Model {
  const model = input instanceof Uint8Array ? decodeModel(input, options.decode ? { limits: options.decode } : {}) : input;
  try {
    const limits = { ...checkLimits, ...options.limits };
    checkHeader(model, options);
    checkSizes(model, limits);
    checkGraph(model.graph, { opset: model.opsets.get("") ?? 0, limits, domains: allowedDomains(model, options) });
    checkValues(model, limits);
    return model;
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw invalid(`The model cannot be made sense of: ${error instanceof Error ? error.message : error}`, undefined, error);
  }
}

function checkHeader({ irVersion, opsets, graph }: Model, { newerOpsets }: CheckOptions): void {
  if (!Number.isSafeInteger(irVersion) || irVersion < 1) throw invalid(`The file says it is of IR version ${irVersion}`);
  if (irVersion > NEWEST.ir && !newerOpsets)
    throw unsupported(
      `The file is of IR version ${irVersion}, and ${NEWEST.ir} is the newest known`,
      "Export it with an older version of ONNX.",
    );
  if (graph.nodes.length === 0) throw invalid("The graph has no nodes");
  for (const [domain, version] of opsets)
    if (!Number.isSafeInteger(version) || version < 1)
      throw invalid(`The file asks for version ${version} of the operators "${shown(domain)}"`);
  const opset = opsets.get("");
  if (opset === undefined) {
    if (graph.nodes.some(({ domain }) => domain === "")) throw invalid("The file does not say which opset it uses");
  } else if (opset < OLDEST_OPSET)
    throw unsupported(
      `The file uses opset ${opset}; ${OLDEST_OPSET} is the oldest that is read`,
      "Export the model again with opset 13 or later.",
    );
  else if (opset > NEWEST.opset && !newerOpsets)
    throw unsupported(`The file uses opset ${opset}, and ${NEWEST.opset} is the newest known`, "Export the model with opset 17.");
}

function allowedDomains({ opsets }: Model, { domains = usualDomains }: CheckOptions): ReadonlySet<string> {
  const allowed = domains === "all" ? [...opsets.keys()] : domains.filter((domain) => opsets.has(domain));
  return new Set(["", ...allowed]);
}

function checkSizes({ graph }: Model, limits: CheckLimits): void {
  if (graph.nodes.length > limits.nodes) throw invalid(`The graph has ${graph.nodes.length} nodes; ${limits.nodes} are accepted`);
  let bytes = 0;
  for (const tensor of graph.initializers.values()) bytes += tensorBytes(tensor);
  if (bytes > limits.tensorBytes) throw invalid(`The model's tensors take ${bytes} bytes; ${limits.tensorBytes} are accepted`);
}

function checkValues(model: Model, limits: CheckLimits): void {
  for (const [name, { shape }] of inferValues(model)) {
    const elements = shape?.reduce<number>((product, dim) => product * (typeof dim === "number" ? dim : 1), 1) ?? 0;
    if (elements <= limits.valueElements && !shape?.some((dim) => typeof dim === "number" && dim < 0)) continue;
    const node = model.graph.producer(name);
    throw invalid(
      `Value "${shown(name)}"${node ? `, made by node "${shown(node.name)}" (${shown(node.opType)}),` : ""} would be ${showShape(shape)}`,
      "Check where the file comes from.",
    );
  }
}
