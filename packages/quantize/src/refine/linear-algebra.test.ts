import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cholesky, invertDefinite, invertLower } from "./linear-algebra.ts";
import { seededRandom } from "./random.ts";

/** B·Bᵀ + 0.1·I of random B. */
function definite(n: number, seed: number): Float64Array {
  const random = seededRandom(seed);
  const b = Float64Array.from({ length: n * n }, () => random() - 0.5);
  const a = product(b, transposed(b, n), n);
  for (let i = 0; i < n; i++) a[i * n + i]! += 0.1;
  return a;
}

const transposed = (a: Float64Array, n: number): Float64Array => a.map((_, at) => a[(at % n) * n + Math.floor(at / n)]!);

function product(a: Float64Array, b: Float64Array, n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, at) => {
    let sum = 0;
    for (let k = 0; k < n; k++) sum += a[Math.floor(at / n) * n + k]! * b[k * n + (at % n)]!;
    return sum;
  });
}

function expectClose(actual: Float64Array, expected: Float64Array): void {
  const worst = actual.reduce((most, value, at) => Math.max(most, Math.abs(value - expected[at]!)), 0);
  expect(worst).toBeLessThan(1e-9);
}

const identity = (n: number) => Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0));
const sizes = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.nat());

describe("linear algebra of definite matrices", () => {
  it("factors into a lower triangle times its transpose", () => {
    fc.assert(
      fc.property(sizes, ([n, seed]) => {
        const a = definite(n, seed);
        const l = cholesky(a.slice(), n)!;
        for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) expect(l[i * n + j]).toBe(0);
        expectClose(product(l, transposed(l, n), n), a);
        // Rows of the result are columns of the inverse.
        expectClose(product(l, transposed(invertLower(l, n), n), n), identity(n));
      }),
      { seed: 22, numRuns: 40 },
    );
  });

  it("inverts", () => {
    fc.assert(
      fc.property(sizes, ([n, seed]) => {
        const a = definite(n, seed);
        const inverse = invertDefinite(a.slice(), n)!;
        expect(transposed(inverse, n)).toEqual(inverse);
        expectClose(product(a, inverse, n), identity(n));
      }),
      { seed: 23, numRuns: 40 },
    );
  });

  it.each([
    ["indefinite", [1, 2, 2, 1]],
    ["singular", [1, 1, 1, 1]],
    ["zero", [0, 0, 0, 0]],
    ["not a number", [1, 0, 0, Number.NaN]],
  ])("gives null where the matrix is %s", (_, values) => {
    expect(cholesky(Float64Array.from(values), 2)).toBeNull();
    expect(invertDefinite(Float64Array.from(values), 2)).toBeNull();
  });
});
