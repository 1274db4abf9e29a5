import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import type { DecodeState } from "./decode-limits.ts";
import { invalid } from "./model-error.ts";

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenientUtf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Walks through the fields of one message. Every value is checked against its wire type, counted against the limits, and
 * bounded by the message; fields that the caller does not know are kept as bytes.
 */
export class FieldReader {
  field = 0;
  private wire: WireType = WireType.Varint;
  private fieldStart = 0;
  private readonly reader: BinaryReader;
  private readonly message: Uint8Array;
  private readonly state: DecodeState;
  private readonly kept: Uint8Array[] = [];

  constructor(message: Uint8Array, state: DecodeState) {
    state.charge(1);
    this.message = message;
    this.state = state;
    this.reader = new BinaryReader(message);
  }

  /** Moves to the next field; false at the message's end. */
  next(): boolean {
    const { reader } = this;
    if (reader.pos >= reader.len) return false;
    this.fieldStart = reader.pos;
    [this.field, this.wire] = reader.tag();
    return true;
  }

  string(): string {
    this.state.charge(1);
    const bytes = this.bytes();
    try {
      return strictUtf8.decode(bytes);
    } catch {
      throw invalid("A name in the file is no UTF-8");
    }
  }

  /** For prose: what is no UTF-8 is replaced. */
  text(): string {
    this.state.charge(1);
    return lenientUtf8.decode(this.bytes());
  }

  /** A view, not a copy. */
  bytes(): Uint8Array {
    this.expect(WireType.LengthDelimited);
    return this.reader.bytes();
  }

  int64(): bigint {
    this.expect(WireType.Varint);
    return BigInt(this.reader.int64());
  }

  int32(): number {
    this.expect(WireType.Varint);
    return this.reader.int32();
  }

  float(): number {
    this.expect(WireType.Bit32);
    return this.reader.float();
  }

  /** One occurrence of a repeated int64, packed or not. */
  int64s(into: bigint[]): void {
    if (this.wire === WireType.Varint) {
      this.state.charge(1);
      into.push(this.int64());
      return;
    }
    const packed = new BinaryReader(this.bytes());
    while (packed.pos < packed.len) {
      this.state.charge(1);
      into.push(BigInt(packed.int64()));
    }
  }

  /** One occurrence of a repeated float, packed or not. */
  floats(into: number[]): void {
    if (this.wire === WireType.Bit32) {
      this.state.charge(1);
      into.push(this.float());
      return;
    }
    const packed = new BinaryReader(this.bytes());
    while (packed.pos < packed.len) {
      this.state.charge(1);
      into.push(packed.float());
    }
  }

  /** The bytes of one occurrence of a repeated scalar, packed or not, read later. */
  scalars(): Uint8Array {
    if (this.wire === WireType.LengthDelimited) return this.bytes();
    this.state.charge(1);
    return this.reader.skip(this.wire, this.field);
  }

  /** Passes over the field and keeps its bytes, tag included. */
  keep(): void {
    if (this.wire === WireType.StartGroup || this.wire === WireType.EndGroup) throw invalid("ONNX has no groups");
    this.state.charge(1);
    this.reader.skip(this.wire, this.field);
    this.kept.push(this.message.subarray(this.fieldStart, this.reader.pos));
  }

  /** What `keep` has put aside, as a copy. */
  unknown(): Uint8Array | undefined {
    if (this.kept.length === 0) return undefined;
    const bytes = new Uint8Array(this.kept.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of this.kept) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }

  private expect(wire: WireType): void {
    if (this.wire !== wire) throw invalid(`Field ${this.field} of a message has a form (${this.wire}) that ONNX does not know`);
  }
}
