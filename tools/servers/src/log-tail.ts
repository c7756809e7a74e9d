import { existsSync, readFileSync, statSync } from 'node:fs';

const LINES_MAX = 20;
const LINE_LENGTH_MAX = 300;

/** How long a log is now, in bytes; 0 when there is none. */
export function logLength(file: string): number {
  return existsSync(file) ? statSync(file).size : 0;
}

/** The last lines that were added to a log since it was `from` bytes long, indented, for a message. */
export function logTail(file: string, from: number): string {
  if (!existsSync(file)) return '  (nothing)';
  const lines = readFileSync(file).subarray(from).toString('utf8').trimEnd().split('\n').slice(-LINES_MAX);
  const shown = lines.map((line) => `  ${line.length > LINE_LENGTH_MAX ? `${line.slice(0, LINE_LENGTH_MAX)}…` : line}`);
  return shown.join('\n').trim() === '' ? '  (nothing)' : shown.join('\n');
}
