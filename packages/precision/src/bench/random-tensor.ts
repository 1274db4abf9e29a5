import { Tensor } from "@octet/inference/ort";
import { AppError } from "@octet/shared/errors";
import type { InputTensor } from "./messages.ts";

/** A tensor of noise; the same seed gives the same one. @throws AppError UNSUPPORTED for an element type that has no noise */
export function randomTensor({ name, type, dims, low, high }: InputTensor, seed: number): Tensor {
  const count = dims.reduce((product, size) => product * size, 1);
  let state = seed >>> 0;
  // Numerical Recipes' linear congruence: cheap, and good enough as an image.
  const draw = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const fill = <T extends { length: number; [index: number]: number }>(data: T, value: () => number): T => {
    for (let i = 0; i < count; i++) data[i] = value();
    return data;
  };
  const byte = () => Math.floor(draw() * 256);
  switch (type) {
    case "float32":
      return new Tensor(
        "float32",
        fill(new Float32Array(count), () => low + draw() * (high - low)),
        dims,
      );
    case "uint8":
      return new Tensor("uint8", fill(new Uint8Array(count), byte), dims);
    case "int8":
      return new Tensor(
        "int8",
        fill(new Int8Array(count), () => byte() - 128),
        dims,
      );
    case "int32":
      return new Tensor("int32", fill(new Int32Array(count), byte), dims);
    case "int64":
      return new Tensor(
        "int64",
        BigInt64Array.from({ length: count }, () => BigInt(byte())),
        dims,
      );
    case "float16":
      // Bits from 0x3800 on: 0.5 to 1.
      return new Tensor(
        "float16",
        fill(new Uint16Array(count), () => 0x3800 + Math.floor(draw() * 1024)),
        dims,
      );
    case "bool":
      return new Tensor(
        "bool",
        fill(new Uint8Array(count), () => byte() & 1),
        dims,
      );
    default:
      throw new AppError("UNSUPPORTED", `The input "${name}" is of type ${type}, which the benchmark cannot fill`);
  }
}
