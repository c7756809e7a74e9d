import type { Findings, ResultTable, Verdict } from './measurement.js';
import type { Load, machineFacts } from './machine.js';

/** One measurement as it stands in the JSON. */
export interface MeasuredPart extends Findings {
  readonly name: string;
  readonly about: string;
  readonly seconds: number;
  readonly loadBefore: Load;
  readonly loadAfter: Load;
}

/** The JSON. */
export interface BenchReport {
  readonly startedAt: string;
  readonly machine: ReturnType<typeof machineFacts>;
  readonly engine: string;
  /** Absent on the embedded engine. */
  readonly cluster?: object | undefined;
  readonly scale: object;
  readonly measurements: readonly MeasuredPart[];
}

/** A measurement for people. */
export function partText({ name, about, loadBefore, loadAfter, seconds, tables, verdicts }: MeasuredPart): string {
  const load = `load of the machine ${loadText(loadBefore)} before, ${loadText(loadAfter)} after; took ${Math.round(seconds)} s`;
  return [`\n== ${name}: ${about}`, load, ...tables.map(tableText), verdictTable(verdicts)].join('\n');
}

/** A table: a line of headings, then a line a row; numbers stand to the right. */
export function tableText({ title, rows }: ResultTable): string {
  const headings = Object.keys(rows[0] ?? {});
  const lines = [headings, ...rows.map((row) => headings.map((heading) => cellText(row[heading] ?? null)))];
  const widths = headings.map((_, column) => Math.max(...lines.map((cells) => cells[column]!.length)));
  const isText = headings.map((heading) => rows.some((row) => typeof row[heading] === 'string'));
  const lineOf = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (isText[column] ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd();
  return ['', title, ...lines.map((cells) => `  ${lineOf(cells)}`)].join('\n');
}

function verdictTable(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ what, wanted, found, met }) => ({
    target: what,
    wanted,
    found,
    '': met ? 'met' : 'MISSED',
  }));
  return tableText({ title: 'targets', rows });
}

/** Three digits that matter, or the whole number. */
export function cellText(value: string | number | null): string {
  if (value === null) return '-';
  if (typeof value === 'string') return value;
  if (Number.isInteger(value) || Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return value.toFixed(Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 0.1 ? 2 : 3);
}

function loadText(load: Load): string {
  return load.map((one) => one.toFixed(2)).join(' ');
}
