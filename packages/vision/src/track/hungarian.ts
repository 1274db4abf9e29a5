/**
 * Assigns rows to columns so that the sum of costs is least (Kuhn–Munkres by shortest augmenting paths, O(rows² · columns)).
 * `cost` is row-major and finite, rows ≤ columns. Returns each row's column.
 * Source: R. Jonker, A. Volgenant, "A shortest augmenting path algorithm for dense and sparse linear assignment problems", 1987.
 */
export function assign(cost: Float64Array, rows: number, columns: number): Int32Array {
  // Rows and columns count from 1; column 0 holds the row that is being placed.
  const rowPotential = new Float64Array(rows + 1);
  const columnPotential = new Float64Array(columns + 1);
  const rowOf = new Int32Array(columns + 1);
  const previous = new Int32Array(columns + 1);
  const slack = new Float64Array(columns + 1);
  const used = new Uint8Array(columns + 1);
  for (let row = 1; row <= rows; row++) {
    rowOf[0] = row;
    slack.fill(Infinity);
    used.fill(0);
    let column = 0;
    do {
      used[column] = 1;
      const from = rowOf[column]!;
      let least = Infinity;
      let next = 0;
      for (let j = 1; j <= columns; j++) {
        if (used[j]) continue;
        const reduced = cost[(from - 1) * columns + j - 1]! - rowPotential[from]! - columnPotential[j]!;
        if (reduced < slack[j]!) {
          slack[j] = reduced;
          previous[j] = column;
        }
        if (slack[j]! < least) {
          least = slack[j]!;
          next = j;
        }
      }
      for (let j = 0; j <= columns; j++) {
        if (used[j]) {
          rowPotential[rowOf[j]!] = rowPotential[rowOf[j]!]! + least;
          columnPotential[j] = columnPotential[j]! - least;
        } else slack[j] = slack[j]! - least;
      }
      column = next;
    } while (rowOf[column] !== 0);
    while (column !== 0) {
      rowOf[column] = rowOf[previous[column]!]!;
      column = previous[column]!;
    }
  }
  const columnOf = new Int32Array(rows).fill(-1);
  for (let j = 1; j <= columns; j++) if (rowOf[j] !== 0) columnOf[rowOf[j]! - 1] = j - 1;
  return columnOf;
}
