/** Adding and taking away 1.5·2⁵² leaves the nearest integer, ties to even: the double has no bits left below the point. */
export const roundingMagic = 6755399441055744;

/** The nearest integer, ties to the even one: the rounding of ONNX QuantizeLinear and of numpy. */
export function roundHalfToEven(value: number): number {
  if (!(Math.abs(value) < 2 ** 51)) return Math.abs(value) < 2 ** 52 ? roundLarge(value) : value;
  return value + roundingMagic - roundingMagic;
}

/** Between 2⁵¹ and 2⁵² a double is a multiple of one half. */
function roundLarge(value: number): number {
  const floor = Math.floor(value);
  return value - floor === 0.5 ? floor + (floor % 2 === 0 ? 0 : 1) : floor;
}
