import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { decodeModel } from "../io/decode-model.ts";
import { encodeModel } from "../io/encode-model.ts";
import { Graph } from "../ir/graph.ts";
import type { Model } from "../ir/model.ts";
import { inferValues } from "../ops/infer-shapes.ts";
import { addInput, addOp, addOutput, floatTensor, intTensor, newModel } from "../testing/build-graph.ts";
import { detectorFiles } from "../testing/detectors.ts";
import { checkModel } from "./check-model.ts";

function good(): Model {
  const model = newModel();
  addInput(model, "x", ["batch", 3, 8, 8]);
  model.graph.addInitializer(floatTensor("w", [4, 3, 3, 3], () => 0.1));
  addOp(model, "Conv", ["x", "w"], "c", { strides: [2, 2] });
  addOp(model, "Relu", ["c"], "y");
  addOutput(model, "y");
  return model;
}

it("lets a good model through, sorted", () => {
  const model = good();
  model.graph.nodes.reverse();
  model.graph.changed();
  expect(checkModel(model).graph.nodes.map(({ opType }) => opType)).toEqual(["Conv", "Relu"]);
  expect(checkModel(encodeModel(model)).graph.nodes).toHaveLength(2);
});

it("takes a size of -1 for one that is not known, as Paddle's exporter means it", () => {
  const model = good();
  model.graph.inputs[0]!.shape = [-1, 3, 8, 8];
  model.graph.outputs[0]!.shape = [-1, 4, -1, -1];
  model.graph.valueInfo.set("c", { name: "c", dataType: "float32", shape: [-1, 4, -1, -1] });
  expect(inferValues(model).get("y")?.shape).toEqual([null, 4, 3, 3]);
  expect(checkModel(encodeModel(model)).graph.inputs[0]!.shape).toEqual([null, 3, 8, 8]);
});

it.each(detectorFiles())("lets %s through", async (file) => {
  checkModel(await readFile(file));
});

describe("refuses", () => {
  it.each<[string, RegExp, (model: Model) => void]>([
    ["no nodes", /no nodes/, ({ graph }) => graph.removeNodes([...graph.nodes])],
    ["no outputs", /no outputs/, ({ graph }) => void Object.assign(graph, { outputs: [] })],
    ["a cycle", /cycle.*(node_c|node_y)/, ({ graph }) => graph.setInput(graph.nodes[0]!, 0, "y")],
    [
      "a value made twice",
      /"c" is made by node "again"/,
      ({ graph }) => void graph.addNode({ name: "again", opType: "Relu", inputs: ["x"], outputs: ["c"] }),
    ],
    [
      "an output over an initializer",
      /"w" is made by node "again"/,
      ({ graph }) => void graph.addNode({ name: "again", opType: "Relu", inputs: ["x"], outputs: ["w"] }),
    ],
    [
      "an output over an input",
      /"x" is made by node "again"/,
      ({ graph }) => void graph.addNode({ name: "again", opType: "Relu", inputs: ["c"], outputs: ["x"] }),
    ],
    ["a missing initializer", /Input 1 of node "node_c" \(Conv\) is "w"/, ({ graph }) => void graph.initializers.delete("w")],
    ["an output that nothing makes", /Output "z"/, (model) => void addOutput(model, "z")],
    ["an output twice", /two outputs/, (model) => void addOutput(model, "y")],
    ["an input twice", /two inputs/, (model) => void addInput(model, "x", [1])],
    ["an input without a type", /Input "t" has no type/, ({ graph }) => void graph.inputs.push({ name: "t", dataType: null, shape: null })],
    ["a negative size", /Input "n" is declared as \[-2\]/, (model) => void addInput(model, "n", [-2])],
    ["too many inputs", /"node_y" \(Relu\) has 2 inputs; 1 are allowed/, ({ graph }) => graph.setInput(graph.nodes[1]!, 1, "x")],
    ["too few inputs", /"node_c" \(Conv\) has 1 inputs; 2 to 3/, ({ graph }) => void graph.nodes[0]!.inputs.pop()],
    ["a needed input left out", /Input 1 of node "node_c" .* left out/, ({ graph }) => graph.setInput(graph.nodes[0]!, 1, "")],
    [
      "an attribute of the wrong type",
      /"strides" of node "node_c" \(Conv\) is of the type float/,
      ({ graph }) => void graph.nodes[0]!.attributes.set("strides", { type: "float", value: 2 }),
    ],
    [
      "data of the wrong length",
      /Initializer "w" .* needs 108 elements and has 3/,
      ({ graph }) => void Object.assign(graph.initializers.get("w")!, { data: new Float32Array(3) }),
    ],
    [
      "data of the wrong class",
      /Initializer "w"/,
      ({ graph }) => void Object.assign(graph.initializers.get("w")!, { data: new Int32Array(108) }),
    ],
    ["shapes that contradict each other", /node_c.*channels/, ({ graph }) => void Object.assign(graph.inputs[0]!, { shape: [1, 5, 8, 8] })],
    [
      "a value beyond reason",
      /"huge".*node "node_huge" \(ConstantOfShape\)/,
      (model) => {
        model.graph.addInitializer(intTensor("size", [2], [1_000_000, 1_000_000]));
        addOp(model, "ConstantOfShape", ["size"], "huge");
      },
    ],
    ["a name beyond reason", /name of 5000 characters/, ({ graph }) => void Object.assign(graph.nodes[0]!, { name: "n".repeat(5000) })],
    [
      "an operator newer than the opset",
      /HardSwish.*opset 14/,
      (model) => {
        model.opsets.set("", 13);
        model.graph.nodes[1]!.opType = "HardSwish";
      },
    ],
    [
      "an operator older than the opset",
      /Upsample.*went with opset 10/,
      (model) => void Object.assign(model.graph.nodes[1]!, { opType: "Upsample" }),
    ],
    ["no opset", /which opset/, ({ opsets }) => void opsets.delete("")],
    ["no IR version", /IR version 0/, (model) => void Object.assign(model, { irVersion: 0 })],
    [
      "an inner graph that takes what is not there",
      /"nowhere"/,
      ({ graph }) => {
        const inner = new Graph();
        inner.addNode({ opType: "Relu", inputs: ["nowhere"], outputs: ["r"] });
        inner.outputs.push({ name: "r", dataType: null, shape: null });
        graph.nodes[1]!.attributes.set("body", { type: "graph", value: inner });
      },
    ],
  ])("%s", (_name, message, spoil) => {
    const model = good();
    spoil(model);
    model.graph.changed();
    expect(() => checkModel(model)).toThrow(
      expect.objectContaining({ code: "MODEL_INVALID", message: expect.stringMatching(message), hint: expect.any(String) }),
    );
  });

  it.each<[string, RegExp, (model: Model) => void]>([
    ["an opset that is too old", /opset 6/, ({ opsets }) => void opsets.set("", 6)],
    ["an opset that is not known", /opset 99/, ({ opsets }) => void opsets.set("", 99)],
    ["an IR version that is not known", /IR version 99/, (model) => void Object.assign(model, { irVersion: 99 })],
    [
      "operators of an unknown domain",
      /node "node_y" .* "org.example"/,
      (model) => {
        model.opsets.set("org.example", 1);
        model.graph.nodes[1]!.domain = "org.example";
      },
    ],
  ])("%s, as unsupported, unless let through", (_name, message, change) => {
    const model = good();
    change(model);
    expect(() => checkModel(model)).toThrow(
      expect.objectContaining({ code: "MODEL_UNSUPPORTED", message: expect.stringMatching(message), hint: expect.any(String) }),
    );
    if (!model.opsets.has("org.example")) return;
    expect(checkModel(model, { domains: ["org.example"] })).toBe(model);
    expect(checkModel(model, { domains: "all" })).toBe(model);
  });

  it("more nodes or bytes than its limits", () => {
    expect(() => checkModel(good(), { limits: { nodes: 1 } })).toThrow(/2 nodes/);
    expect(() => checkModel(good(), { limits: { tensorBytes: 100 } })).toThrow(/432 bytes/);
  });

  it("a file that ends early, wherever", () => {
    const bytes = encodeModel(good());
    for (let length = 0; length < bytes.length; length++)
      expect(() => checkModel(bytes.subarray(0, length))).toThrow(expect.objectContaining({ code: "MODEL_INVALID" }));
  });

  it("control characters of a foreign name do not reach the message", () => {
    const model = good();
    model.graph.nodes[0]!.name = "\u001b[2Jevil\n";
    model.graph.nodes[0]!.inputs[1] = "missing";
    model.graph.changed();
    expect(() => checkModel(decodeModel(encodeModel(model)))).toThrow(/node "�\[2Jevil�"/);
  });
});
