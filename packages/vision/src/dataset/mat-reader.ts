type Get = (view: DataView, at: number, littleEndian: boolean) => number;

/** Bytes and reader of each number type of a data element ("MAT-File Format", table 1-1). */
const numberTypes: Readonly<Record<number, { size: number; get: Get }>> = {
  1: { size: 1, get: (view, at) => view.getInt8(at) },
  2: { size: 1, get: (view, at) => view.getUint8(at) },
  3: { size: 2, get: (view, at, little) => view.getInt16(at, little) },
  4: { size: 2, get: (view, at, little) => view.getUint16(at, little) },
  5: { size: 4, get: (view, at, little) => view.getInt32(at, little) },
  6: { size: 4, get: (view, at, little) => view.getUint32(at, little) },
  7: { size: 4, get: (view, at, little) => view.getFloat32(at, little) },
  9: { size: 8, get: (view, at, little) => view.getFloat64(at, little) },
  12: { size: 8, get: (view, at, little) => Number(view.getBigInt64(at, little)) },
  13: { size: 8, get: (view, at, little) => Number(view.getBigUint64(at, little)) },
};
const UTF8 = 16;
const COMPRESSED = 15;

/** Walks over the data elements of a MAT file. Throws Error with a reason where they do not fit their bytes. */
export class MatReader {
  readonly bytes: Uint8Array;
  readonly littleEndian: boolean;
  private readonly view: DataView;
  private at = 0;

  constructor(bytes: Uint8Array, littleEndian: boolean) {
    this.bytes = bytes;
    this.littleEndian = littleEndian;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  /** Throws unless `count` times `size` bytes are left. */
  expect(count: number, size: number): void {
    if (count * size > this.bytes.length - this.at) throw new Error(`it ends before ${count} elements that it announces`);
  }

  /** The next element, its content as a reader of its own. */
  element(): { type: number; body: MatReader } {
    this.expect(1, 8);
    const first = this.view.getUint32(this.at, this.littleEndian);
    // The small format: type and length share four bytes, the data are the next four.
    const small = first >>> 16;
    if (small > 4) throw new Error(`a small element announces ${small} bytes`);
    const type = small > 0 ? first & 0xffff : first;
    const length = small > 0 ? small : this.view.getUint32(this.at + 4, this.littleEndian);
    const begin = this.at + (small > 0 ? 4 : 8);
    if (length > this.bytes.length - begin) throw new Error(`it ends before ${length} bytes that it announces: the file is truncated`);
    const end = begin + length;
    // Elements begin at multiples of eight bytes, but a compressed one is not padded.
    this.at = small > 0 ? this.at + 8 : type === COMPRESSED ? end : begin + Math.ceil(length / 8) * 8;
    return { type, body: new MatReader(this.bytes.subarray(begin, end), this.littleEndian) };
  }

  uint32(): number {
    this.expect(1, 4);
    return this.view.getUint32(this.at, this.littleEndian);
  }

  /** The next element as numbers, whatever their width. */
  numbers(): Float64Array {
    const { type, body } = this.element();
    const format = numberTypes[type];
    if (!format) throw new Error(`an element of type ${type} stands where numbers belong`);
    const values = new Float64Array(Math.floor(body.bytes.length / format.size));
    for (let i = 0; i < values.length; i++) values[i] = format.get(body.view, i * format.size, this.littleEndian);
    return values;
  }

  latin1(): string {
    return String.fromCharCode(...this.element().body.bytes.subarray(0, 4096));
  }

  /** The next element as characters: UTF-8, or code units of any width. */
  text(): string {
    const at = this.at;
    const { type, body } = this.element();
    if (type === UTF8) return new TextDecoder().decode(body.bytes);
    this.at = at;
    const units = this.numbers();
    let text = "";
    for (const unit of units) text += String.fromCharCode(unit);
    return text;
  }
}
