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

type Dims = readonly number[];

/** Places of an output [N, M, H, W]: image, row and column, one place after the other. */
export type Places = Int32Array;

export function randomPlaces([images, , height, width]: Dims, count: number, random: () => number): Places {
  const places = new Int32Array(count * 3);
  for (let at = 0; at < places.length; at += 3) {
    places[at] = Math.floor(random() * images!);
    places[at + 1] = Math.floor(random() * height!);
    places[at + 2] = Math.floor(random() * width!);
  }
  return places;
}

/** Which elements of a convolution's input [N, C, H, W] its output is made of at the places, [groups, places, K]; −1: padding. */
export function inputElements({ groups, kernel, strides, dilations, padBegin }: ConvGeometry, dims: Dims, places: Places): Int32Array {
  const [, channels, height, width] = dims as [number, number, number, number];
  const perGroup = channels / groups;
  const elements = new Int32Array((groups * perGroup * kernel[0] * kernel[1] * places.length) / 3);
  let at = 0;
  for (let group = 0; group < groups; group++) {
    for (let place = 0; place < places.length; place += 3) {
      const top = places[place + 1]! * strides[0] - padBegin[0];
      const left = places[place + 2]! * strides[1] - padBegin[1];
      for (let c = 0; c < perGroup; c++) {
        const plane = (places[place]! * channels + group * perGroup + c) * height;
        for (let ky = 0; ky < kernel[0]; ky++) {
          const row = top + ky * dilations[0];
          for (let kx = 0; kx < kernel[1]; kx++) {
            const column = left + kx * dilations[1];
            const inside = row >= 0 && row < height && column >= 0 && column < width;
            elements[at++] = inside ? (plane + row) * width + column : -1;
          }
        }
      }
    }
  }
  return elements;
}

/** Which elements of its output [N, M, H, W] lie at the places, [groups, places, M/groups]. */
export function outputElements({ groups }: ConvGeometry, dims: Dims, places: Places): Int32Array {
  const [, channels, height, width] = dims as [number, number, number, number];
  const perGroup = channels / groups;
  const elements = new Int32Array((channels * places.length) / 3);
  let at = 0;
  for (let group = 0; group < groups; group++) {
    for (let place = 0; place < places.length; place += 3) {
      const first = places[place]! * channels + group * perGroup;
      for (let m = 0; m < perGroup; m++) elements[at++] = ((first + m) * height + places[place + 1]!) * width + places[place + 2]!;
    }
  }
  return elements;
}

/** Matrices [groups, N, row], filled some rows of each group at a time. */
export class GroupedRows {
  private readonly groups: number;
  private readonly total: number;
  private values: Float32Array | null = null;
  private filled = 0;

  constructor(groups: number, total: number) {
    this.groups = groups;
    this.total = total;
  }

  /** Rows that are still wanted. */
  get open(): number {
    return this.total - this.filled;
  }

  /** Adds [groups, count, row]; no more rows than are open. */
  add(values: Float32Array, count: number): void {
    if (count === 0) return;
    const row = values.length / this.groups / count;
    this.values ??= new Float32Array(this.groups * this.total * row);
    for (let group = 0; group < this.groups; group++)
      this.values.set(values.subarray(group * count * row, (group + 1) * count * row), (group * this.total + this.filled) * row);
    this.filled += count;
  }

  /** [groups, rows, row] without the rows that were not filled. @throws AppError CALIBRATION_EMPTY where none was */
  result(): { values: Float32Array; rows: number } {
    if (!this.values || this.filled === 0)
      throw new AppError("CALIBRATION_EMPTY", "No rows were sampled", { hint: "Give at least one image." });
    return { values: compact(this.values, this.groups, this.total, this.filled), rows: this.filled };
  }
}

interface Dense {
  dims: Dims;
  data: ArrayLike<number>;
}

/**
 * Rows of a convolution as matrix products, at some places of its output. Collects into [groups, N, K] and
 * [groups, N, M/groups], N places in all, as `adaround` takes them; memory depends on N alone.
 */
export class RowSampler {
  private readonly geometry: ConvGeometry;
  private readonly random: () => number;
  private readonly inputs: GroupedRows;
  private readonly targets: GroupedRows;

  constructor(geometry: ConvGeometry, total: number, random: () => number) {
    this.geometry = geometry;
    this.random = random;
    this.inputs = new GroupedRows(geometry.groups, total);
    this.targets = new GroupedRows(geometry.groups, total);
  }

  /** Adds `count` random places of one image: its input [1, C, H, W] and the float layer's output [1, M, H', W']. */
  add(input: Dense, output: Dense, count: number): void {
    const taken = Math.min(count, this.inputs.open);
    const places = randomPlaces(output.dims, taken, this.random);
    this.inputs.add(elementsOf(input.data, inputElements(this.geometry, input.dims, places)), taken);
    this.targets.add(elementsOf(output.data, outputElements(this.geometry, output.dims, places)), taken);
  }

  /** @throws AppError CALIBRATION_EMPTY before the first `add` */
  result(): { inputRows: Float32Array; targetRows: Float32Array; rows: number } {
    const { values, rows } = this.inputs.result();
    return { inputRows: values, targetRows: this.targets.result().values, rows };
  }
}

function elementsOf(data: ArrayLike<number>, elements: Int32Array): Float32Array {
  return Float32Array.from(elements, (element) => (element < 0 ? 0 : data[element]!));
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
