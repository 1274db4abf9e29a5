export interface Column<Row> {
  title: string;
  of(row: Row): string;
  align?: "left" | "right";
}

/** Columns as wide as their longest cell, two blanks apart; no rows give `empty`. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], empty: string): string {
  if (rows.length === 0) return empty;
  const lines = [columns.map(({ title }) => title), ...rows.map((row) => columns.map((column) => clean(column.of(row))))];
  const widths = columns.map((_, index) => Math.max(...lines.map((cells) => length(cells[index]!))));
  return lines
    .map((cells) =>
      cells
        .map((cell, index) => {
          const blanks = " ".repeat(widths[index]! - length(cell));
          return columns[index]!.align === "right" ? blanks + cell : cell + blanks;
        })
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** By characters, not UTF-16 units. */
const length = (text: string) => [...text].length;

/** A camera's name may hold anything, also what moves a terminal's cursor. */
export const clean = (text: string) => text.replace(/\p{Cc}/gu, " ");
