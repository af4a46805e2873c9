/** Tables for people. */

/** A figure with so many digits behind the point. */
export function round(figure, digits = 2) {
  return figure.toFixed(digits);
}

/** Prints rows as a table: the first row is the head, figures stand on the right. */
export function table(title, rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
  const line = (row) =>
    row
      .map((cell, column) => (column === 0 ? String(cell).padEnd(widths[0]) : String(cell).padStart(widths[column])))
      .join("  ");
  console.log(`\n${title}\n${line(rows[0])}\n${widths.map((width) => "─".repeat(width)).join("  ")}`);
  for (const row of rows.slice(1)) {
    console.log(line(row));
  }
}
