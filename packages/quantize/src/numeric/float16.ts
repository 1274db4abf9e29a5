/**
 * IEEE 754 binary16 and bfloat16 as bit patterns (Node 20 has no Float16Array). Rounding is to nearest, ties to even;
 * too large becomes infinity; NaN stays NaN with the payload bits that fit. The array versions work on bits
 * throughout, since a NaN that passes through a JavaScript number may lose its payload.
 */
const scratchFloat = new Float32Array(1);
const scratchBits = new Uint32Array(scratchFloat.buffer);

export const float16Max = 65504;
/** The smallest normal number; below it precision is lost. */
export const float16MinNormal = 2 ** -14;

/** The bits of the float16 that lies nearest to a number (rounded to float32 first, as a runtime's Cast does). */
export function float16Bits(value: number): number {
  scratchFloat[0] = value;
  return float16FromBits(scratchBits[0]!);
}

export function float16Value(bits: number): number {
  scratchBits[0] = bitsFromFloat16(bits);
  return scratchFloat[0]!;
}

/** The float16 number that lies nearest. */
export function roundToFloat16(value: number): number {
  return float16Value(float16Bits(value));
}

export function toFloat16(values: Float32Array, out = new Uint16Array(values.length)): Uint16Array {
  const bits = bitsOf(values);
  for (let i = 0; i < bits.length; i++) out[i] = float16FromBits(bits[i]!);
  return out;
}

export function fromFloat16(bits: Uint16Array, out = new Float32Array(bits.length)): Float32Array {
  const table = float16Table();
  const target = bitsOf(out);
  for (let i = 0; i < bits.length; i++) target[i] = table[bits[i]!]!;
  return out;
}

export function bfloat16Bits(value: number): number {
  scratchFloat[0] = value;
  return bfloat16FromBits(scratchBits[0]!);
}

export function bfloat16Value(bits: number): number {
  scratchBits[0] = bits << 16;
  return scratchFloat[0]!;
}

export function toBfloat16(values: Float32Array, out = new Uint16Array(values.length)): Uint16Array {
  const bits = bitsOf(values);
  for (let i = 0; i < bits.length; i++) out[i] = bfloat16FromBits(bits[i]!);
  return out;
}

export function fromBfloat16(bits: Uint16Array, out = new Float32Array(bits.length)): Float32Array {
  const target = bitsOf(out);
  for (let i = 0; i < bits.length; i++) target[i] = bits[i]! << 16;
  return out;
}

function bitsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}

const halfFloat = new Float32Array(1);
const halfBits = new Int32Array(halfFloat.buffer);

function float16FromBits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const abs = bits & 0x7fffffff;
  if (abs >= 0x47800000) {
    if (abs <= 0x7f800000) return sign | 0x7c00;
    const payload = (abs >>> 13) & 0x3ff;
    return sign | 0x7c00 | (payload === 0 ? 0x200 : payload);
  }
  if (abs < 0x38800000) {
    // Below the normal range: next to 0.5 one unit of a float32 is 2⁻²⁴, so the addition rounds to a subnormal.
    halfBits[0] = abs;
    halfFloat[0] = halfFloat[0]! + 0.5;
    return sign | (halfBits[0]! - 0x3f000000);
  }
  return sign | ((abs - 0x38000000 + 0xfff + ((abs >>> 13) & 1)) >>> 13);
}

function bfloat16FromBits(bits: number): number {
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | ((bits & 0x7f0000) === 0 ? 0x40 : 0);
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

function bitsFromFloat16(bits: number): number {
  const sign = (bits & 0x8000) << 16;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return (sign | 0x7f800000 | (fraction << 13)) >>> 0;
  if (exponent !== 0) return (sign | ((exponent + 112) << 23) | (fraction << 13)) >>> 0;
  if (fraction === 0) return sign >>> 0;
  const shift = Math.clz32(fraction) - 21;
  return (sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13)) >>> 0;
}

let table: Uint32Array | undefined;

function float16Table(): Uint32Array {
  if (!table) {
    table = new Uint32Array(65536);
    for (let i = 0; i < 65536; i++) table[i] = bitsFromFloat16(i);
  }
  return table;
}
