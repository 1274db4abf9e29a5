import { inflateSync } from "node:zlib";
import { AppError } from "@octet/shared/errors";
import { MatReader } from "./mat-reader.ts";

/** A MATLAB array. Elements lie column by column. */
export type MatValue =
  | { kind: "numbers"; dims: number[]; data: Float64Array }
  | { kind: "text"; dims: number[]; text: string }
  | { kind: "cell"; dims: number[]; items: MatValue[] }
  | { kind: "struct"; dims: number[]; items: Record<string, MatValue>[] }
  /** Of a class that is not read: sparse, object, function … */
  | { kind: "other"; dims: number[]; class: number };

/** Data types of an element ("MAT-File Format", table 1-1). */
const MATRIX = 14;
const COMPRESSED = 15;
const HEADER_BYTES = 128;
/** A compressed variable that grows beyond this is taken for an attack. */
const MAX_INFLATED = 512 * 1024 * 1024;

/**
 * Reads a MATLAB level-5 MAT file (MathWorks, "MAT-File Format"), as `save -v6` and `-v7` write it: its variables by
 * name. Numbers of every width become doubles (64-bit integers beyond 2⁵³ lose digits); the imaginary part is left out.
 * @param only the variables that are wanted; the others' arrays are not read (default: all)
 * @throws AppError DATASET_INVALID with `file` and the reason, for a broken file or another version of the format
 */
export function readMatFile(bytes: Uint8Array, file: string, only?: readonly string[]): Map<string, MatValue> {
  const invalid = (reason: string, cause?: unknown) =>
    new AppError("DATASET_INVALID", `${file} cannot be read as a MATLAB 5 file: ${reason}`, {
      hint: "Download it again; a version 7.3 (HDF5) file can be saved anew with `save -v7`.",
      cause,
    });
  if (bytes.length < HEADER_BYTES) throw invalid(`it has ${bytes.length} bytes, less than its header`);
  if (new TextDecoder("latin1").decode(bytes.subarray(0, 10)) === "MATLAB 7.3") throw invalid("it is version 7.3, which is HDF5");
  const mark = String.fromCharCode(bytes[126]!, bytes[127]!);
  if (mark !== "IM" && mark !== "MI") throw invalid("its header has no byte order mark");
  const variables = new Map<string, MatValue>();
  try {
    readVariables(new MatReader(bytes.subarray(HEADER_BYTES), mark === "IM"), (body) => addVariable(body, variables, only));
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error), error);
  }
  return variables;
}

function readVariables(reader: MatReader, add: (body: MatReader) => void): void {
  while (!reader.atEnd) {
    const { type, body } = reader.element();
    if (type === COMPRESSED) {
      const inflated = new MatReader(inflateSync(body.bytes, { maxOutputLength: MAX_INFLATED }), reader.littleEndian);
      const inner = inflated.element();
      if (inner.type === MATRIX) add(inner.body);
    } else if (type === MATRIX) add(body);
  }
}

function addVariable(body: MatReader, variables: Map<string, MatValue>, only: readonly string[] | undefined): void {
  const header = readHeader(body);
  if (!only || only.includes(header.name)) variables.set(header.name, readContent(body, header, 0));
}

const MAX_DEPTH = 32;
const CELL = 1;
const STRUCT = 2;
const TEXT = 4;
const isNumeric = (kind: number) => kind >= 6 && kind <= 15;

interface MatrixHeader {
  kind: number;
  dims: number[];
  count: number;
  name: string;
}

function readHeader(body: MatReader): MatrixHeader {
  const flags = body.element().body.uint32();
  const kind = flags & 0xff;
  const dims = Array.from(body.numbers());
  const name = body.latin1();
  const count = dims.reduce((product, size) => product * size, 1);
  if (dims.length < 2 || dims.some((size) => size < 0) || !Number.isSafeInteger(count))
    throw new Error(`"${name}" has impossible dimensions`);
  return { kind, dims, count, name };
}

function readContent(body: MatReader, { kind, dims, count, name }: MatrixHeader, depth: number): MatValue {
  if (depth > MAX_DEPTH) throw new Error(`its arrays are nested more than ${MAX_DEPTH} deep`);
  const sized = <T extends { length: number }>(values: T): T => {
    if (values.length !== count) throw new Error(`"${name}" has ${values.length} values where its dimensions say ${count}`);
    return values;
  };
  if (kind === CELL) {
    // Each of them takes at least its tag: a huge declared size fails here, not by filling the memory.
    body.expect(count, 8);
    return { kind: "cell", dims, items: Array.from({ length: count }, () => child(body, depth)) };
  }
  if (kind === STRUCT) {
    const width = body.numbers()[0] ?? 0;
    const names = body.latin1();
    if (!(width > 0) || names.length % width !== 0) throw new Error(`"${name}" has broken field names`);
    const fields = Array.from({ length: names.length / width }, (_, i) => names.slice(i * width, (i + 1) * width).replace(/\0.*$/s, ""));
    body.expect(count * fields.length, 8);
    if (fields.length === 0) return { kind: "struct", dims, items: [] };
    const items = Array.from({ length: count }, () => Object.fromEntries(fields.map((field) => [field, child(body, depth)])));
    return { kind: "struct", dims, items };
  }
  if (kind === TEXT) return { kind: "text", dims, text: body.text() };
  if (isNumeric(kind)) return { kind: "numbers", dims, data: sized(body.numbers()) };
  return { kind: "other", dims, class: kind };
}

function child(body: MatReader, depth: number): MatValue {
  const { type, body: inner } = body.element();
  if (type !== MATRIX) throw new Error(`an array holds an element of type ${type}`);
  // An empty cell may be an element without content.
  if (inner.atEnd) return { kind: "numbers", dims: [0, 0], data: new Float64Array(0) };
  return readContent(inner, readHeader(inner), depth + 1);
}
