/** What every log line of an app has beside its facts; the name of the app stands before the line already. */
interface LogLine {
  readonly level: string;
  readonly time: string;
  readonly msg?: string;
  readonly err?: { readonly stack?: string; readonly message?: string };
  readonly [fact: string]: unknown;
}

const TIME_OF_DAY = { from: 11, to: 23 };

/**
 * A log line of an app (JSON) for people: time of day, level unless it is `info`, message, facts; an error's stack on lines of
 * its own. Anything else (a crash of Node, say) stays as it is.
 */
export function readableLines(line: string): string[] {
  const entry = parse(line);
  if (!entry) return [line];
  const { level, time, msg = '', err, app: _app, pid: _pid, ...facts } = entry;
  const told = Object.entries(facts).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const words = [
    time.slice(TIME_OF_DAY.from, TIME_OF_DAY.to),
    ...(level === 'info' ? [] : [level.toUpperCase()]),
    msg,
    ...told,
  ];
  const stack = err?.stack ?? err?.message;
  return [words.join(' '), ...(stack === undefined ? [] : stack.split('\n'))];
}

function parse(line: string): LogLine | undefined {
  if (!line.startsWith('{"level":')) return undefined;
  try {
    const entry = JSON.parse(line) as Partial<LogLine>;
    return typeof entry.time === 'string' && typeof entry.level === 'string' ? (entry as LogLine) : undefined;
  } catch {
    return undefined;
  }
}
