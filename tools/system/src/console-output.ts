import type { AppDefinition } from './apps.js';
import { readableLines } from './readable-line.js';
import type { SupervisorObserver } from './supervisor.js';

/** Where lines go: `process.stdout`, or a stream of a test. */
export interface OutputStream {
  readonly isTTY?: boolean;
  readonly writableLength: number;
  write(text: string): boolean;
}

/** A reader who does not read makes the text wait in memory, up to this; beyond it lines are dropped, and counted. */
const WAITING_CHARACTERS_MAX = 4 * 1024 * 1024;

const COLOURS = [36, 32, 33, 35, 34, 96];
const SYSTEM_NAME = 'system';

/**
 * Prints each line behind the name of its app, in columns and, when `colour` says so, in colour. At a terminal log lines are
 * made readable; a file or a pipe gets the JSON that the apps wrote.
 */
export class ConsoleOutput implements SupervisorObserver {
  private readonly width: number;
  private readonly colours: ReadonlyMap<string, number>;
  private dropped = 0;

  constructor(
    apps: readonly AppDefinition[],
    private readonly stream: OutputStream,
    private readonly colour: boolean,
  ) {
    this.width = Math.max(SYSTEM_NAME.length, ...apps.map(({ name }) => name.length));
    this.colours = new Map(apps.map(({ name }, index) => [name, COLOURS[index % COLOURS.length]!]));
  }

  onLine(app: string, line: string): void {
    const prefix = this.prefix(app, this.colours.get(app));
    for (const part of this.stream.isTTY ? readableLines(line) : [line]) this.write(prefix, part);
  }

  onNotice(app: string | undefined, text: string): void {
    this.write(this.prefix(SYSTEM_NAME, 1), app === undefined ? text : `${app}: ${text}`);
  }

  private write(prefix: string, text: string): void {
    if (this.stream.writableLength > WAITING_CHARACTERS_MAX) {
      this.dropped += 1;
      return;
    }
    if (this.dropped > 0) {
      this.stream.write(`${this.prefix(SYSTEM_NAME, 1)}${this.dropped} lines were dropped: nobody read them\n`);
      this.dropped = 0;
    }
    this.stream.write(`${prefix}${text}\n`);
  }

  private prefix(name: string, colour: number | undefined): string {
    const text = `${name.padEnd(this.width)} |`;
    return this.colour && colour !== undefined ? `\u001b[${colour}m${text}\u001b[0m ` : `${text} `;
  }
}

/** Colour is for people at a terminal who have not said no (https://no-color.org). */
export function wantsColour(stream: OutputStream, environment: Readonly<Record<string, string | undefined>>): boolean {
  return stream.isTTY === true && !environment['NO_COLOR'];
}
