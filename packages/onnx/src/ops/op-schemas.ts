import * as constants from "./infer/constants.ts";
import * as element from "./infer/elementwise.ts";
import * as layout from "./infer/layout.ts";
import * as products from "./infer/products.ts";
import * as selection from "./infer/selection.ts";
import * as windows from "./infer/windows.ts";
import { op, type OpSchema } from "./op-schema.ts";

const MANY = Number.POSITIVE_INFINITY;
const window = { auto_pad: "string", dilations: "ints", kernel_shape: "ints", pads: "ints", strides: "ints" } as const;
const pooling = { ...window, ceil_mode: "int", count_include_pad: "int", storage_order: "int" } as const;
const axis = { axis: "int" } as const;
const alpha = { alpha: "float" } as const;
const reduction = op([1, 2], selection.reduce, { attributes: { axes: "ints", keepdims: "int", noop_with_empty_axes: "int" } });
const arg = op(1, selection.argMax, { attributes: { axis: "int", keepdims: "int", select_last_index: "int" } });
const same = op(1, element.sameAsInput);
const binary = op(2, element.broadcast());
const comparison = op(2, element.broadcast("bool"));
const variadic = op([1, MANY], element.broadcast());
const quantizing = { axis: "int", saturate: "int", block_size: "int", output_dtype: "int", precision: "int" } as const;
const round = (value: number) => (Math.abs(value % 1) === 0.5 ? 2 * Math.round(value / 2) : Math.round(value));
const resizing = {
  mode: "string",
  scales: "floats",
  coordinate_transformation_mode: "string",
  nearest_mode: "string",
  cubic_coeff_a: "float",
  exclude_outside: "int",
  extrapolation_value: "float",
  antialias: "int",
  axes: "ints",
  keep_aspect_ratio_policy: "string",
} as const;

/**
 * The operators that detectors and their quantised forms are made of (onnx/docs/Operators.md). Others are carried along
 * untouched, with unknown shapes.
 */
export const opSchemas: ReadonlyMap<string, OpSchema> = new Map(
  Object.entries({
    Conv: op([2, 3], windows.conv, { attributes: { ...window, group: "int" } }),
    ConvTranspose: op([2, 3], windows.convTranspose, {
      attributes: { ...window, group: "int", output_padding: "ints", output_shape: "ints" },
    }),
    ConvInteger: op([2, 4], windows.convInteger, { since: 10, attributes: { ...window, group: "int" } }),
    QLinearConv: op([8, 9], windows.qLinearConv, { since: 10, attributes: { ...window, group: "int" } }),
    MaxPool: op(1, windows.pool, { outputs: [1, 2], attributes: pooling }),
    AveragePool: op(1, windows.pool, { attributes: pooling }),
    LpPool: op(1, windows.pool, { attributes: { ...pooling, p: "int" } }),
    GlobalAveragePool: op(1, windows.globalPool),
    GlobalMaxPool: op(1, windows.globalPool),
    GlobalLpPool: op(1, windows.globalPool, { attributes: { p: "int" } }),

    Gemm: op([2, 3], products.gemm, { attributes: { alpha: "float", beta: "float", transA: "int", transB: "int" } }),
    MatMul: op(2, products.matMul),
    MatMulInteger: op([2, 4], products.matMulInteger, { since: 10 }),
    QLinearMatMul: op(8, products.qLinearMatMul, { since: 10 }),
    BatchNormalization: op(5, products.batchNormalization, {
      outputs: [1, 5],
      attributes: { epsilon: "float", momentum: "float", spatial: "int", training_mode: "int" },
    }),
    InstanceNormalization: op(3, element.sameAsInput, { attributes: { epsilon: "float" } }),
    LRN: op(1, element.sameAsInput, { attributes: { alpha: "float", beta: "float", bias: "float", size: "int" } }),
    LayerNormalization: op([2, 3], element.sameAsInput, {
      since: 17,
      outputs: [1, 3],
      attributes: { axis: "int", epsilon: "float", stash_type: "int" },
    }),
    LpNormalization: op(1, element.sameAsInput, { attributes: { axis: "int", p: "int" } }),

    Relu: same,
    Sigmoid: same,
    Tanh: same,
    Exp: same,
    Log: same,
    Erf: op(1, element.sameAsInput, { since: 9 }),
    Softplus: same,
    Softsign: same,
    Reciprocal: same,
    Sin: same,
    Cos: same,
    HardSwish: op(1, element.sameAsInput, { since: 14 }),
    Mish: op(1, element.sameAsInput, { since: 18 }),
    Gelu: op(1, element.sameAsInput, { since: 20, attributes: { approximate: "string" } }),
    Sqrt: op(1, element.unary(Math.sqrt)),
    Neg: op(
      1,
      element.unary((value) => -value),
    ),
    Abs: op(1, element.unary(Math.abs)),
    Floor: op(1, element.unary(Math.floor)),
    Ceil: op(1, element.unary(Math.ceil)),
    Round: op(1, element.unary(round), { since: 11 }),
    Sign: op(1, element.unary(Math.sign), { since: 9 }),
    LeakyRelu: op(1, element.sameAsInput, { attributes: alpha }),
    Elu: op(1, element.sameAsInput, { attributes: alpha }),
    Celu: op(1, element.sameAsInput, { since: 12, attributes: alpha }),
    Selu: op(1, element.sameAsInput, { attributes: { alpha: "float", gamma: "float" } }),
    ThresholdedRelu: op(1, element.sameAsInput, { attributes: alpha }),
    HardSigmoid: op(1, element.sameAsInput, { attributes: { alpha: "float", beta: "float" } }),
    PRelu: op(2, element.sameAsInput),
    Clip: op([1, 3], element.sameAsInput, { attributes: { min: "float", max: "float" } }),
    Softmax: op(1, element.sameAsInput, { attributes: axis }),
    LogSoftmax: op(1, element.sameAsInput, { attributes: axis }),
    Hardmax: op(1, element.sameAsInput, { attributes: axis }),
    CumSum: op(2, element.sameAsInput, { since: 11, attributes: { exclusive: "int", reverse: "int" } }),

    Add: binary,
    Sub: binary,
    Mul: binary,
    Div: binary,
    Pow: binary,
    Mod: op(2, element.broadcast(), { since: 10, attributes: { fmod: "int" } }),
    Min: variadic,
    Max: variadic,
    Sum: variadic,
    Mean: variadic,
    Equal: comparison,
    Less: comparison,
    LessOrEqual: op(2, element.broadcast("bool"), { since: 12 }),
    Greater: comparison,
    GreaterOrEqual: op(2, element.broadcast("bool"), { since: 12 }),
    And: comparison,
    Or: comparison,
    Xor: comparison,
    Not: op(1, element.not),
    Where: op(3, element.where, { since: 9 }),
    Identity: op(1, element.identity),
    Dropout: op([1, 3], element.dropout, { outputs: [1, 2], attributes: { ratio: "float", seed: "int" } }),
    Cast: op(1, constants.castOp, { attributes: { to: "int", saturate: "int" } }),
    CastLike: op(2, element.castLike, { since: 15, attributes: { saturate: "int" } }),

    Concat: op([1, MANY], layout.concat, { attributes: axis }),
    Split: op([1, 2], layout.split, { outputs: [1, MANY], attributes: { axis: "int", split: "ints", num_outputs: "int" } }),
    Slice: op([1, 5], layout.slice, { attributes: { starts: "ints", ends: "ints", axes: "ints" } }),
    Reshape: op([1, 2], layout.reshape, { attributes: { shape: "ints", allowzero: "int" } }),
    Flatten: op(1, layout.flatten, { attributes: axis }),
    Transpose: op(1, layout.transpose, { attributes: { perm: "ints" } }),
    Squeeze: op([1, 2], layout.squeeze, { attributes: { axes: "ints" } }),
    Unsqueeze: op([1, 2], layout.unsqueeze, { attributes: { axes: "ints" } }),
    Pad: op([1, 4], layout.pad, { attributes: { mode: "string", pads: "ints", value: "float" } }),
    Expand: op(2, layout.expand, { since: 8 }),
    Tile: op([2, 3], layout.tile),
    DepthToSpace: op(1, layout.depthToSpace, { attributes: { blocksize: "int", mode: "string" } }),
    SpaceToDepth: op(1, layout.spaceToDepth, { attributes: { blocksize: "int" } }),
    Resize: op([1, 4], layout.resize, { since: 10, attributes: resizing }),
    Upsample: op([1, 2], layout.resize, { until: 10, attributes: { mode: "string", scales: "floats" } }),

    ReduceMean: reduction,
    ReduceMax: reduction,
    ReduceMin: reduction,
    ReduceSum: reduction,
    ReduceProd: reduction,
    ReduceL1: reduction,
    ReduceL2: reduction,
    ReduceSumSquare: reduction,
    ReduceLogSum: reduction,
    ReduceLogSumExp: reduction,
    ArgMax: arg,
    ArgMin: arg,
    Gather: op(2, selection.gather, { attributes: axis }),
    GatherElements: op(2, selection.gatherElements, { since: 11, attributes: axis }),
    GatherND: op(2, selection.gatherNd, { since: 11, attributes: { batch_dims: "int" } }),
    Scatter: op(3, element.sameAsInput, { since: 9, until: 11, attributes: axis }),
    ScatterElements: op(3, element.sameAsInput, { since: 11, attributes: { axis: "int", reduction: "string" } }),
    ScatterND: op(3, element.sameAsInput, { since: 11, attributes: { reduction: "string" } }),
    TopK: op([1, 2], selection.topK, { outputs: [2, 2], attributes: { axis: "int", k: "int", largest: "int", sorted: "int" } }),
    NonMaxSuppression: op([2, 5], selection.nonMaxSuppression, { since: 10, attributes: { center_point_box: "int" } }),
    NonZero: op(1, selection.nonZero, { since: 9 }),

    Shape: op(1, constants.shapeOp, { attributes: { start: "int", end: "int" } }),
    Size: op(1, constants.size),
    Constant: op(0, constants.constant, {
      attributes: {
        value: "tensor",
        value_float: "float",
        value_floats: "floats",
        value_int: "int",
        value_ints: "ints",
        value_string: "string",
        value_strings: "strings",
      },
    }),
    ConstantOfShape: op(1, constants.constantOfShape, { since: 9, attributes: { value: "tensor" } }),
    Range: op(3, constants.range, { since: 11 }),
    QuantizeLinear: op([2, 3], constants.quantizeLinear, { since: 10, attributes: quantizing }),
    DequantizeLinear: op([2, 3], constants.dequantizeLinear, { since: 10, attributes: quantizing }),
    DynamicQuantizeLinear: op(1, constants.dynamicQuantizeLinear, { since: 11, outputs: [3, 3] }),
  }),
);
