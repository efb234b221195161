// Tables, for documents and for terminals.

/** A cell of a table. */
export type Cell = string | number;

/** A Markdown table. The first column is text, the others are aligned to the right. */
export function markdown(head: string[], rows: Cell[][]): string {
  const rule = head.map((_, column) => (column === 0 ? "---" : "--:"));
  return [head, rule, ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/** Cells in columns for a fixed-width font, the first one to the left, the others to the right. A line for each row. */
export function align(rows: string[][]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const pad = (cell: string, column: number) => (column ? cell.padStart(widths[column] + 2) : cell.padEnd(widths[0]));
  return rows.map((row) => row.map(pad).join("").trimEnd());
}
