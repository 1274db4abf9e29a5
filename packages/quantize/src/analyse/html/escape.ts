/** A number with `digits` decimals; "–" for what is not known. */
export function fixed(value: number | null, digits: number): string {
  if (value === null || Number.isNaN(value)) return "–";
  // Without the minus of what rounds to zero.
  return (Number(value.toFixed(digits)) + 0).toFixed(digits).replace("-", "−");
}

/** Four significant digits, whatever the magnitude. */
export function short(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  return (size >= 1e5 || size < 1e-3 ? value.toExponential(2) : String(Number(value.toPrecision(4)))).replace(/-/g, "−");
}

export function percent(share: number | null, digits = 2): string {
  return share === null ? "–" : `${fixed(share * 100, digits)} %`;
}

/** Decibels; reports cut them at ±200, where they stand for no and for any difference. */
export function decibels(db: number | null): string {
  if (db === null) return "–";
  return db >= 200 ? "exact" : db <= -200 ? "lost" : `${fixed(db, 1)} dB`;
}

export function bytes(count: number): string {
  return count >= 1e6 ? `${fixed(count / 1e6, 2)} MB` : `${fixed(count / 1e3, 1)} kB`;
}
