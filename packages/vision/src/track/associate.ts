import { assign } from "./hungarian.ts";

/** What it costs to leave a row unpaired; a pair must cost less. */
const UNPAIRED = 1;

/**
 * Pairs rows with columns at the least total cost. `cost` gives a number from 0 to below 1, or null where the two
 * cannot belong together. Solved per group of rows and columns that are connected by possible pairs, so that a crowd
 * costs little more than its neighbourhoods. Returns each row's column, −1 where it stays unpaired.
 */
export function associate(rows: number, columns: number, cost: (row: number, column: number) => number | null): Int32Array {
  const costs = new Float64Array(rows * columns).fill(UNPAIRED);
  const groupOf = Int32Array.from({ length: rows + columns }, (_, node) => node);
  const find = (node: number): number => {
    let root = node;
    while (groupOf[root] !== root) root = groupOf[root]!;
    groupOf[node] = root;
    return root;
  };
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = cost(row, column);
      if (value === null || !(value < UNPAIRED)) continue;
      costs[row * columns + column] = value;
      groupOf[find(row)] = find(rows + column);
    }
  }
  const groups = new Map<number, { rows: number[]; columns: number[] }>();
  for (let node = 0; node < rows + columns; node++) {
    const root = find(node);
    const group = groups.get(root) ?? { rows: [], columns: [] };
    groups.set(root, group);
    if (node < rows) group.rows.push(node);
    else group.columns.push(node - rows);
  }
  const columnOf = new Int32Array(rows).fill(-1);
  for (const group of groups.values()) pairGroup(group, costs, columns, columnOf);
  return columnOf;
}

function pairGroup(group: { rows: number[]; columns: number[] }, costs: Float64Array, stride: number, columnOf: Int32Array): void {
  if (group.rows.length === 0 || group.columns.length === 0) return;
  // The solver wants at least as many columns as rows.
  const turned = group.rows.length > group.columns.length;
  const [few, many] = turned ? [group.columns, group.rows] : [group.rows, group.columns];
  const costOf = (a: number, b: number) => costs[turned ? b * stride + a : a * stride + b]!;
  const matrix = new Float64Array(few.length * many.length);
  for (let i = 0; i < few.length; i++) for (let j = 0; j < many.length; j++) matrix[i * many.length + j] = costOf(few[i]!, many[j]!);
  const chosen = assign(matrix, few.length, many.length);
  for (let i = 0; i < few.length; i++) {
    const j = chosen[i]!;
    if (j < 0 || matrix[i * many.length + j]! >= UNPAIRED) continue;
    if (turned) columnOf[many[j]!] = few[i]!;
    else columnOf[few[i]!] = many[j]!;
  }
}
