import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** Where a command writes. */
export interface Streams {
  readonly stdout: Writable;
  readonly stderr: Writable & { readonly isTTY?: boolean };
}

/** The only way to standard output: results, and nothing else. What is said beside them goes to standard error. */
export class Output {
  /** `json`: results are JSON, one object, or one a line. */
  constructor(
    private readonly streams: Streams,
    readonly json: boolean,
  ) {}

  /** One object as JSON on a line of its own, or else `text()`. */
  async result(value: object, text: () => string): Promise<void> {
    await this.text(this.json ? JSON.stringify(value) : text());
  }

  /** A text for people, ended by a line break. */
  async text(text: string): Promise<void> {
    // A slow reader (a pager, a pipe) holds the command back instead of filling its memory.
    if (!this.streams.stdout.write(`${text}\n`)) await once(this.streams.stdout, 'drain');
  }

  /** Something to know beside the results. */
  note(text: string): void {
    this.streams.stderr.write(`${text}\n`);
  }

  /** Shows `text` in the place of what was shown before; only where a person is watching. */
  show(text: string): void {
    if (this.streams.stderr.isTTY) this.streams.stderr.write(`\r\u001b[K${text}`);
  }
}
