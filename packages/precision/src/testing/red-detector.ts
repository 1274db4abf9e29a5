import { decodeModel } from "@octet/onnx/io/decode-model";
import { encodeModel } from "@octet/onnx/io/encode-model";
import { GraphBuilder } from "@octet/quantize/refine/graph-builder";
import { seededRandom } from "@octet/quantize/refine/random";
import sharp from "sharp";

const SIDE = 64;
const CELL = 8;
const CELLS = SIDE / CELL;
/** A YOLOv5-Face row: cx, cy, w, h, objectness, ten landmark coordinates, class. */
const ROW = 16;

/**
 * For tests: a detector that is small, fast and right. It is a YOLOv5-Face of 64×64 pixels whose faces are red cells of 8×8;
 * its box of one is 16×16 about the cell. Two convolutions of eight channels (one sees red, seven see noise) and a head.
 * @param bias what a cell's redness (0–1), times 20, must exceed to be found
 */
export function redDetector({ bias = 6 }: { bias?: number } = {}): Buffer {
  const random = seededRandom(3);
  const g = new GraphBuilder();
  const channels = 8;
  const noise = (count: number, scale: number) => Float32Array.from({ length: count }, () => (random() - 0.5) * scale);
  const area = CELL * CELL;
  const see = noise(channels * 3 * area, 0.05);
  for (let at = 0; at < area; at++) {
    see[at] = 1 / area;
    see[area + at] = -1 / area;
    see[2 * area + at] = 0;
  }
  const pass = noise(channels * channels * 9, 0.2);
  for (let at = 0; at < channels * 9; at++) pass[at] = at === 4 ? 1 : 0;
  const read = new Float32Array(ROW * channels);
  read[4 * channels] = 20;
  const readBias = new Float32Array(ROW);
  readBias[4] = -bias;
  readBias[15] = 6;

  const image = g.input("images", ["batch", 3, SIDE, SIDE]);
  const ints = (...value: number[]) => ({ type: "ints" as const, value: value.map(BigInt) });
  const conv = (
    input: string,
    dims: number[],
    weights: Float32Array,
    biases: Float32Array,
    more: Record<string, ReturnType<typeof ints>> = {},
  ) => g.op("Conv", [input, g.constant(dims, weights), g.constant([dims[0]!], biases)], more);
  const seen = g.op("Relu", [conv(image, [channels, 3, CELL, CELL], see, new Float32Array(channels), { strides: ints(CELL, CELL) })]);
  const passed = g.op("Relu", [conv(seen, [channels, channels, 3, 3], pass, new Float32Array(channels), { pads: ints(1, 1, 1, 1) })]);
  const head = g.op("Sigmoid", [conv(passed, [ROW, channels, 1, 1], read, readBias)]);
  const rows = g.op("Transpose", [head], { perm: ints(0, 2, 3, 1) });
  // Of what the head says only scores count; where a cell is, and how large its box, is fixed.
  const scale = new Float32Array(ROW);
  scale[4] = 1;
  scale[15] = 1;
  const place = Float32Array.from({ length: CELLS * CELLS * ROW }, (_, at) => {
    const [cell, column] = [Math.floor(at / ROW), at % ROW];
    if (column === 0) return (cell % CELLS) * CELL + CELL / 2;
    if (column === 1) return Math.floor(cell / CELLS) * CELL + CELL / 2;
    return column === 2 || column === 3 ? 2 * CELL : 0;
  });
  const placed = g.op("Add", [g.op("Mul", [rows, g.constant([ROW], scale)]), g.constant([CELLS, CELLS, ROW], place)]);
  g.output("output", placed);
  const model = decodeModel(g.encode());
  const shape = "rows";
  model.graph.addInitializer({ name: shape, dataType: "int64", dims: [3], data: BigInt64Array.of(0n, BigInt(CELLS * CELLS), BigInt(ROW)) });
  model.graph.nodes.find(({ outputs }) => outputs[0] === "output")!.opType = "Reshape";
  model.graph.nodes.find(({ outputs }) => outputs[0] === "output")!.inputs.push(shape);
  model.graph.outputs[0]!.shape = ["batch", CELLS * CELLS, ROW];
  model.graph.changed();
  return Buffer.from(encodeModel(model));
}

/** For tests: a picture with red cells at these places, as strong as they are told (0–1). */
export async function redPicture(cells: readonly { column: number; row: number; strength: number }[]): Promise<Buffer> {
  const pixels = Buffer.alloc(SIDE * SIDE * 3, 90);
  for (const { column, row, strength } of cells)
    for (let y = row * CELL; y < (row + 1) * CELL; y++)
      for (let x = column * CELL; x < (column + 1) * CELL; x++) {
        const at = (y * SIDE + x) * 3;
        pixels[at] = Math.round(255 * strength);
        pixels[at + 1] = 0;
        pixels[at + 2] = 0;
      }
  return sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 3 } })
    .png()
    .toBuffer();
}

/** The YOLO label of such a cell: its box as the detector gives it. */
export const redLabel = ({ column, row }: { column: number; row: number }): string =>
  `0 ${(column + 0.5) / CELLS} ${(row + 0.5) / CELLS} ${2 / CELLS} ${2 / CELLS}`;
