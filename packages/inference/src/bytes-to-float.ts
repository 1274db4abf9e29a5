/** Writes (byte − mean) · scale for each of `bytes` to `floats` from `offset`. */
export function bytesToFloat(bytes: Uint8Array, floats: Float32Array, offset: number, mean: number, scale: number): void {
  // The engine's own conversion takes a tenth of the loop's time.
  if (mean === 0 && scale === 1) {
    floats.set(bytes, offset);
    return;
  }
  for (let i = 0; i < bytes.length; i++) floats[offset + i] = (bytes[i]! - mean) * scale;
}
