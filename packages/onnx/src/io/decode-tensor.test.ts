import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { describe, expect, it } from "vitest";
import { type DataType, dataTypeNumbers } from "../ir/data-type.ts";
import { DecodeState, decodeLimits } from "./decode-limits.ts";
import { decodeTensor } from "./decode-tensor.ts";
import { encodeTensor } from "./encode-tensor.ts";
import { tensorFields as f } from "./fields.ts";

const state = () => new DecodeState(decodeLimits, undefined);

/** A TensorProto as other exporters write it. */
function message(dataType: DataType, dims: number[], write: (writer: BinaryWriter) => void): Uint8Array {
  const writer = new BinaryWriter();
  for (const dim of dims) writer.tag(f.dims, WireType.Varint).int64(dim);
  writer.tag(f.dataType, WireType.Varint).int32(dataTypeNumbers[dataType]);
  writer.tag(f.name, WireType.LengthDelimited).string("t");
  write(writer);
  return writer.finish();
}

const packed = (field: number, write: (writer: BinaryWriter) => void) => (writer: BinaryWriter) => {
  writer.tag(field, WireType.LengthDelimited).fork();
  write(writer);
  writer.join();
};

describe("tensors in typed fields", () => {
  it("reads floats, packed and one by one", () => {
    const values = [1.5, -2, 0.25];
    const whole = message(
      "float32",
      [3],
      packed(f.floatData, (writer) => {
        for (const value of values) writer.float(value);
      }),
    );
    const single = message("float32", [3], (writer) => {
      for (const value of values) writer.tag(f.floatData, WireType.Bit32).float(value);
    });
    expect(decodeTensor(whole, state()).data).toEqual(Float32Array.from(values));
    expect(decodeTensor(single, state()).data).toEqual(Float32Array.from(values));
  });

  it("reads float16 as bit patterns from int32_data", () => {
    const tensor = decodeTensor(
      message(
        "float16",
        [2],
        packed(f.int32Data, (writer) => writer.int32(0x3c00).int32(0xc000)),
      ),
      state(),
    );
    expect(tensor.data).toEqual(Uint16Array.of(0x3c00, 0xc000));
  });

  it("reads negative int8 and int64 at both ends", () => {
    expect(
      decodeTensor(
        message(
          "int8",
          [2],
          packed(f.int32Data, (writer) => writer.int32(-128).int32(127)),
        ),
        state(),
      ).data,
    ).toEqual(Int8Array.of(-128, 127));
    const ends = [-(2n ** 63n), 2n ** 63n - 1n];
    expect(
      decodeTensor(
        message(
          "int64",
          [2],
          packed(f.int64Data, (writer) => {
            for (const end of ends) writer.int64(end);
          }),
        ),
        state(),
      ).data,
    ).toEqual(BigInt64Array.from(ends));
  });

  it("reads uint32 and uint64 from uint64_data, and doubles", () => {
    expect(
      decodeTensor(
        message(
          "uint32",
          [1],
          packed(f.uint64Data, (writer) => writer.uint64(4294967295n)),
        ),
        state(),
      ).data,
    ).toEqual(Uint32Array.of(4294967295));
    expect(
      decodeTensor(
        message(
          "uint64",
          [1],
          packed(f.uint64Data, (writer) => writer.uint64(2n ** 64n - 1n)),
        ),
        state(),
      ).data,
    ).toEqual(BigUint64Array.of(2n ** 64n - 1n));
    expect(
      decodeTensor(
        message(
          "float64",
          [1],
          packed(f.doubleData, (writer) => writer.double(Math.PI)),
        ),
        state(),
      ).data,
    ).toEqual(Float64Array.of(Math.PI));
  });

  it("reads strings, scalars, and tensors of no elements", () => {
    const strings = message("string", [2], (writer) =>
      writer.tag(f.stringData, WireType.LengthDelimited).string("ä").tag(f.stringData, WireType.LengthDelimited).string(""),
    );
    expect(decodeTensor(strings, state()).data).toEqual(["ä", ""]);
    expect(
      decodeTensor(
        message("float32", [0], () => {}),
        state(),
      ).data,
    ).toHaveLength(0);
    const scalar = decodeTensor(
      message(
        "int32",
        [],
        packed(f.int32Data, (writer) => writer.int32(-7)),
      ),
      state(),
    );
    expect([scalar.dims, scalar.data]).toEqual([[], Int32Array.of(-7)]);
  });
});

describe("raw data", () => {
  it("is copied, whatever its alignment", () => {
    for (let shift = 0; shift < 4; shift++) {
      const bytes = message("float32", [2], (writer) =>
        writer
          .tag(f.docString, WireType.LengthDelimited)
          .string("x".repeat(shift + 1))
          .tag(f.rawData, WireType.LengthDelimited)
          .bytes(new Uint8Array(Float32Array.of(3, 4).buffer)),
      );
      const tensor = decodeTensor(bytes, state());
      bytes.fill(0);
      expect(tensor.data).toEqual(Float32Array.of(3, 4));
    }
  });

  it.each([
    ["too short", "float32", [3], 8],
    ["too long", "int8", [3], 4],
    ["half of a 4-bit pair missing", "int4", [3], 1],
  ] as const)("is refused where it is %s, with the tensor's name", (_what, type, dims, length) => {
    const bytes = message(type, [...dims], (writer) => writer.tag(f.rawData, WireType.LengthDelimited).bytes(new Uint8Array(length)));
    expect(() => decodeTensor(bytes, state())).toThrow(
      expect.objectContaining({ code: "MODEL_INVALID", message: expect.stringContaining('"t"') }),
    );
  });

  it("takes no memory for what a shape merely promises", () => {
    for (const dims of [[2 ** 40], [2 ** 31, 2 ** 31, 2 ** 31], [-1], [2 ** 20, 2 ** 20]])
      expect(() =>
        decodeTensor(
          message("float32", dims, () => {}),
          state(),
        ),
      ).toThrow(expect.objectContaining({ code: "MODEL_INVALID" }));
  });
});

it.each(Object.keys(dataTypeNumbers) as DataType[])("writes %s and reads the same", (dataType) => {
  const elements = dataType === "string" ? [["a", "b", "", "ß"]] : [undefined];
  for (const data of elements) {
    const bytes = message(dataType, [2, 2], (writer) => {
      if (data) for (const text of data) writer.tag(f.stringData, WireType.LengthDelimited).string(text);
      else writer.tag(f.rawData, WireType.LengthDelimited).bytes(Uint8Array.from({ length: sizes[dataType] ?? 4 }, (_, at) => at * 37 + 1));
    });
    const tensor = decodeTensor(bytes, state());
    const writer = new BinaryWriter();
    encodeTensor(writer, tensor);
    expect(decodeTensor(writer.finish(), state())).toEqual(tensor);
  }
});

/** Bytes of four elements. */
const sizes: Partial<Record<DataType, number>> = {
  float32: 16,
  int32: 16,
  uint32: 16,
  float64: 32,
  int64: 32,
  uint64: 32,
  complex64: 32,
  complex128: 64,
  float16: 8,
  bfloat16: 8,
  int16: 8,
  uint16: 8,
  int4: 2,
  uint4: 2,
  float4e2m1: 2,
};
