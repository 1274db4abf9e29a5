import type { Tensor } from "@octet/onnx/ir/tensor";
import { addInput, addOp, addOutput, floatTensor, newModel } from "@octet/onnx/testing/build-graph";
import { describe, expect, it } from "vitest";
import { checkTensorRtRules } from "./tensorrt-rules.ts";

type Net = ReturnType<typeof network>;

/** Q/DQ graphs by hand, as another tool may write them. */
function network(opset = 17) {
  const model = newModel(opset);
  const constant = (tensor: Tensor) => model.graph.addInitializer(tensor).name;
  const integer = (name: string, dims: number[], values: number[], dataType: "int8" | "uint8" | "int32" = "int8") =>
    constant({
      name,
      dataType,
      dims,
      data: dataType === "int8" ? Int8Array.from(values) : dataType === "uint8" ? Uint8Array.from(values) : Int32Array.from(values),
    });
  addInput(model, "x", [1, 2, 4, 4]);
  return {
    model,
    constant,
    integer,
    op: (opType: string, inputs: string[], name: string, attributes: Parameters<typeof addOp>[4] = {}) =>
      addOp(model, opType, inputs, name, attributes),
    qdq(value: string, { scale = 0.1, zeroPoint = 0, type = "int8" as "int8" | "uint8" } = {}): string {
      const inputs = [constant(floatTensor(`${value}.s`, [], [scale])), integer(`${value}.z`, [], [zeroPoint], type)];
      addOp(model, "QuantizeLinear", [value, ...inputs], `${value}.q`);
      return addOp(model, "DequantizeLinear", [`${value}.q`, ...inputs], `${value}.dq`);
    },
    weights(name: string, axis = 0): string {
      const inputs = [integer(`${name}.w`, [2, 2, 1, 1], [1, 2, 3, 4]), constant(floatTensor(`${name}.ws`, [2], [0.1, 0.2]))];
      return addOp(model, "DequantizeLinear", [...inputs, integer(`${name}.wz`, [2], [0, 0])], `${name}.wdq`, { axis });
    },
    conv(name: string, input: string): string {
      return addOp(model, "Conv", [input, this.weights(name)], name);
    },
  };
}

describe("checkTensorRtRules", () => {
  const findings = (build: (net: Net) => string, opset?: number) => {
    const net = network(opset);
    addOutput(net.model, build(net));
    return checkTensorRtRules(net.model);
  };
  const conv = (net: Net) => net.conv("c", net.qdq("x"));

  it("has nothing to say of integer layers with what fuses with them", () => {
    expect(findings((net) => net.op("Relu", [conv(net)], "y"))).toEqual([]);
    expect(findings((net) => net.op("Mul", [conv(net), net.op("Sigmoid", ["c"], "g")], "y"))).toEqual([]);
    expect(findings((net) => net.op("Add", [conv(net), "x.dq"], "y"))).toEqual([]);
    expect(findings((net) => net.conv("d", net.qdq(net.op("MaxPool", [net.qdq("x")], "p", { kernel_shape: [1, 1] }))))).toEqual([]);
    expect(findings((net) => net.op("Relu", ["x"], "y"))).toEqual([]);
  });

  it.each<[rule: string, severity: string, nodes: string[], string, (net: Net) => string, number?]>([
    ["zero-point", "refused", ["node_x.q"], "a zero point", (net) => net.conv("c", net.qdq("x", { zeroPoint: 3 }))],
    ["integer-type", "wrong", ["node_x.q"], "uint8", (net) => net.conv("c", net.qdq("x", { type: "uint8" }))],
    [
      "integer-type",
      "wrong",
      ["node_q"],
      "uint8, because no zero point says otherwise",
      (net) => {
        const scale = net.constant(floatTensor("s", [], [0.1]));
        return net.conv("c", net.op("DequantizeLinear", [net.op("QuantizeLinear", ["x", scale], "q"), scale], "dq"));
      },
    ],
    [
      "integer-type",
      "refused",
      ["node_bias.dq"],
      "an int32 bias",
      (net) => {
        const inputs = [net.integer("bias", [2], [1, 2], "int32"), net.constant(floatTensor("bs", [2], [0.1, 0.1]))];
        return net.op("Conv", [net.qdq("x"), net.weights("c"), net.op("DequantizeLinear", inputs, "bias.dq", { axis: 0 })], "c");
      },
    ],
    [
      "weight-axis",
      "refused",
      ["node_c.wdq", "node_c"],
      "the wrong axis",
      (net) => net.op("Conv", [net.qdq("x"), net.weights("c", 1)], "c"),
    ],
    [
      "weight-axis",
      "refused",
      ["node_c.wdq", "node_c"],
      "the wrong axis of a transposed convolution",
      (net) => net.op("ConvTranspose", [net.qdq("x"), net.weights("c", 0)], "c"),
    ],
    [
      "float-weights",
      "slow",
      ["node_c"],
      "float weights",
      (net) => {
        return net.op("Conv", [net.qdq("x"), net.constant(floatTensor("w", [2, 2, 1, 1], [1, 2, 3, 4]))], "c");
      },
    ],
    ["float-input", "slow", ["node_c"], "a float input", (net) => net.conv("c", "x")],
    ["opset", "refused", ["node_c.wdq"], "scales by channel in opset 12", conv, 12],
    [
      "opset",
      "refused",
      ["node_q"],
      "a float16 scale in opset 18",
      (net) => {
        const scale = net.constant({ name: "s", dataType: "float16", dims: [], data: Uint16Array.of(0x3c00) });
        const zero = net.integer("z", [], [0]);
        return net.conv("c", net.op("DequantizeLinear", [net.op("QuantizeLinear", ["x", scale, zero], "q"), scale, zero], "dq"));
      },
      18,
    ],
    ["activation", "slow", ["node_c.dq", "node_c", "node_r"], "Conv, Q/DQ, Relu", (net) => net.op("Relu", [net.qdq(conv(net))], "r")],
    [
      "activation",
      "slow",
      ["node_g.dq", "node_g", "node_m"],
      "a Q/DQ inside SiLU",
      (net) => net.op("Mul", [conv(net), net.qdq(net.op("Sigmoid", ["c"], "g"))], "m"),
    ],
    [
      "residual",
      "slow",
      ["node_c.dq", "node_c", "node_a"],
      "Q/DQ on both branches",
      (net) => net.op("Add", [net.qdq(conv(net)), "x.dq"], "a"),
    ],
    [
      "shared-scale",
      "slow",
      ["node_p", "node_x.dq", "node_p.q"],
      "two scales around MaxPool",
      (net) => net.conv("d", net.qdq(net.op("MaxPool", [net.qdq("x")], "p", { kernel_shape: [1, 1] }), { scale: 0.2 })),
    ],
    [
      "shared-scale",
      "slow",
      ["node_y", "node_x.dq", "node_c.dq"],
      "two scales before Concat",
      (net) => net.op("Concat", [net.qdq("x"), net.qdq(net.conv("c", "x.dq"), { scale: 0.2 })], "y", { axis: 1 }),
    ],
    [
      "cast",
      "slow",
      ["node_half", "node_x.dq", "node_c"],
      "a cast",
      (net) => net.op("Conv", [net.op("Cast", [net.qdq("x")], "half", { to: 10 }), net.weights("c")], "c"),
    ],
    ["no-integer-reader", "slow", ["node_c.dq"], "Q/DQ at the end", (net) => net.qdq(conv(net))],
    ["operator", "refused", ["node_q"], "an operator on integers", (net) => net.op("DynamicQuantizeLinear", ["x"], "q")],
  ])("%s (%s) at %j: %s", (rule, severity, nodes, _, build, opset) => {
    const found = findings(build, opset);
    expect(found).toContainEqual({ rule, severity, nodes, message: expect.any(String) });
    // Whoever reads the message alone knows where to look.
    expect(found.every(({ message, nodes: names }) => names.some((name) => message.includes(`"${name}"`)))).toBe(true);
  });

  it("misses the Q/DQ of a skip branch", () => {
    const net = network();
    net.model.graph.addNode({ opType: "Relu", inputs: ["x"], outputs: ["r"], name: "node_r" });
    const sum = net.op("Add", [net.conv("c", net.qdq("r")), "r"], "y");
    for (const name of ["r", "c"]) net.model.graph.valueInfo.set(name, { name, dataType: "float32", shape: [1, 2, 4, 4] });
    addOutput(net.model, sum);
    expect(checkTensorRtRules(net.model)).toMatchObject([{ rule: "residual", nodes: ["node_y"] }]);
  });
});
