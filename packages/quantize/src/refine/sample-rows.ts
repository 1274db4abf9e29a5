import { type GraphNode, intAttribute, intsAttribute, stringAttribute } from "@octet/onnx/ir/model";
import { AppError } from "@octet/shared/errors";

/** A two-dimensional convolution's geometry. */
export interface ConvGeometry {
  groups: number;
  /** Height, then width. */
  kernel: [number, number];
  strides: [number, number];
  dilations: [number, number];
  /** Top and left padding; what lies beyond the input on any side is 0. */
  padBegin: [number, number];
}

/** @throws AppError MODEL_UNSUPPORTED where the node is no plain two-dimensional convolution */
export function convGeometry(node: GraphNode, weightDims: readonly number[]): ConvGeometry {
  if (weightDims.length !== 4 || stringAttribute(node, "auto_pad", "NOTSET") !== "NOTSET") {
    throw new AppError("MODEL_UNSUPPORTED", `Node "${node.name}" is no two-dimensional convolution with explicit padding`);
  }
  const pads = intsAttribute(node, "pads", [0, 0, 0, 0]);
  const pair = (name: string): [number, number] => intsAttribute(node, name, [1, 1]) as [number, number];
  return {
    groups: intAttribute(node, "group", 1),
    kernel: [weightDims[2]!, weightDims[3]!],
    strides: pair("strides"),
    dilations: pair("dilations"),
    padBegin: [pads[0]!, pads[1]!],
  };
}

interface Dense {
  dims: readonly number[];
  data: ArrayLike<number>;
}

/**
 * Rows of a convolution as matrix products, at some places of its output. Collects into [groups, N, K] and
 * [groups, N, M/groups], N places in all, as `adaround` takes them; memory depends on N alone.
 */
export class RowSampler {
  private readonly geometry: ConvGeometry;
  private readonly random: () => number;
  private readonly total: number;
  private inputs: Float32Array | null = null;
  private targets: Float32Array | null = null;
  private filled = 0;

  constructor(geometry: ConvGeometry, total: number, random: () => number) {
    this.geometry = geometry;
    this.total = total;
    this.random = random;
  }

  /** Adds `count` random places of one image: its input [1, C, H, W] and the float layer's output [1, M, H', W']. */
  add(input: Dense, output: Dense, count: number): void {
    const { groups, kernel, strides, dilations, padBegin } = this.geometry;
    const [, channels, height, width] = input.dims as [number, number, number, number];
    const [, outChannels, outHeight, outWidth] = output.dims as [number, number, number, number];
    const perGroup = channels / groups;
    const depth = perGroup * kernel[0] * kernel[1];
    const outputs = outChannels / groups;
    this.inputs ??= new Float32Array(groups * this.total * depth);
    this.targets ??= new Float32Array(groups * this.total * outputs);
    const images = input.dims[0]!;
    for (let taken = 0; taken < count && this.filled < this.total; taken++, this.filled++) {
      const image = Math.floor(this.random() * images);
      const y = Math.floor(this.random() * outHeight);
      const x = Math.floor(this.random() * outWidth);
      for (let group = 0; group < groups; group++) {
        let at = (group * this.total + this.filled) * depth;
        for (let c = 0; c < perGroup; c++) {
          const plane = (image * channels + group * perGroup + c) * height;
          for (let ky = 0; ky < kernel[0]; ky++) {
            const row = y * strides[0] - padBegin[0] + ky * dilations[0];
            for (let kx = 0; kx < kernel[1]; kx++, at++) {
              const column = x * strides[1] - padBegin[1] + kx * dilations[1];
              if (row >= 0 && row < height && column >= 0 && column < width) this.inputs[at] = input.data[(plane + row) * width + column]!;
            }
          }
        }
        for (let m = 0; m < outputs; m++) {
          const channel = image * outChannels + group * outputs + m;
          this.targets[(group * this.total + this.filled) * outputs + m] = output.data[(channel * outHeight + y) * outWidth + x]!;
        }
      }
    }
  }

  /** @throws AppError CALIBRATION_EMPTY before the first `add` */
  result(): { inputRows: Float32Array; targetRows: Float32Array; rows: number } {
    const { inputs, targets, filled, total } = this;
    if (!inputs || !targets || filled === 0)
      throw new AppError("CALIBRATION_EMPTY", "No rows were sampled", { hint: "Give at least one image." });
    const { groups } = this.geometry;
    return { inputRows: compact(inputs, groups, total, filled), targetRows: compact(targets, groups, total, filled), rows: filled };
  }
}

/** Leaves out the places of each group that were not filled. */
function compact(values: Float32Array, groups: number, total: number, filled: number): Float32Array {
  if (filled === total) return values;
  const row = values.length / groups / total;
  const result = new Float32Array(groups * filled * row);
  for (let group = 0; group < groups; group++)
    result.set(values.subarray(group * total * row, (group * total + filled) * row), group * filled * row);
  return result;
}
