/** Prints rows as a table for people: the first row is the head, figures stand on the right. */
export function table(title, rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
  const line = (row) =>
    row
      .map((cell, column) => (column === 0 ? String(cell).padEnd(widths[0]) : String(cell).padStart(widths[column])))
      .join("  ");
  console.log(`\n${title}\n${line(rows[0])}\n${widths.map((width) => "─".repeat(width)).join("  ")}`);
  for (const row of rows.slice(1)) console.log(line(row));
}

/** The middle one of some figures. */
export function median(figures) {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** Milliseconds that something takes: the middle of some runs, the first ones not counted. */
export function milliseconds(work, runs = 9) {
  const times = [];
  for (let run = 0; run < runs + 2; run += 1) {
    const before = performance.now();
    work();
    if (run >= 2) times.push(performance.now() - before);
  }
  return median(times);
}
