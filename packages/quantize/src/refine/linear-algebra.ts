/** Lower Cholesky factor of a symmetric positive definite matrix (row-major n×n), in place; null where it is not definite. */
export function cholesky(a: Float64Array, n: number): Float64Array | null {
  for (let j = 0; j < n; j++) {
    const rowJ = j * n;
    let pivot = a[rowJ + j]!;
    for (let k = 0; k < j; k++) pivot -= a[rowJ + k]! * a[rowJ + k]!;
    if (!(pivot > 0)) return null;
    const root = Math.sqrt(pivot);
    a[rowJ + j] = root;
    for (let i = j + 1; i < n; i++) {
      const rowI = i * n;
      let sum = a[rowI + j]!;
      for (let k = 0; k < j; k++) sum -= a[rowI + k]! * a[rowJ + k]!;
      a[rowI + j] = sum / root;
    }
    for (let k = j + 1; k < n; k++) a[rowJ + k] = 0;
  }
  return a;
}

/** Transpose of the inverse of a lower triangular matrix: row c is column c of the inverse. */
export function invertLower(l: Float64Array, n: number): Float64Array {
  const inverse = new Float64Array(n * n);
  // Columns of the inverse, kept as rows so that memory is walked in order.
  for (let column = 0; column < n; column++) {
    const at = column * n;
    inverse[at + column] = 1 / l[column * n + column]!;
    for (let i = column + 1; i < n; i++) {
      const row = i * n;
      let sum = 0;
      for (let k = column; k < i; k++) sum -= l[row + k]! * inverse[at + k]!;
      inverse[at + i] = sum / l[row + i]!;
    }
  }
  return inverse;
}

/** Inverse of a symmetric positive definite matrix; null where it is not definite. The matrix is used up. */
export function invertDefinite(a: Float64Array, n: number): Float64Array | null {
  const l = cholesky(a, n);
  if (!l) return null;
  // Row c of `columns` is column c of L⁻¹; A⁻¹ = L⁻ᵀ·L⁻¹.
  const columns = invertLower(l, n);
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = i; k < n; k++) sum += columns[i * n + k]! * columns[j * n + k]!;
      inverse[i * n + j] = sum;
      inverse[j * n + i] = sum;
    }
  }
  return inverse;
}
