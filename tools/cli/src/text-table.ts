/** A table for people: a line of headings, then a line a row, columns as wide as their widest cell. */
export function textTable(headings: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string {
  const lines = [headings, ...rows].map((cells) => cells.map(cellText));
  const widths = headings.map((_, column) => Math.max(...lines.map((cells) => cells[column]!.length)));
  return lines
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** One line of a table whose length is not known: cells are padded to `widths`, the last one is as long as it is. */
export function lineOf(cells: readonly (string | number | null)[], widths: readonly number[]): string {
  return cells
    .map((cell, column) => cellText(cell).padEnd(widths[column] ?? 0))
    .join('  ')
    .trimEnd();
}

/** Names and values, a line each. */
export function textList(values: { readonly [name: string]: string | number | null }): string {
  const width = Math.max(...Object.keys(values).map((name) => name.length));
  return Object.entries(values)
    .map(([name, value]) => `${name.padEnd(width)}  ${cellText(value)}`)
    .join('\n');
}

/** Stored texts may hold anything: control characters must not reach a terminal. */
function cellText(value: string | number | null): string {
  if (value === null) return '-';
  return String(value).replaceAll(/\p{Cc}/gu, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
