/** Where progress is shown: a terminal, or a file. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const SHOWN_EVERY_MS = { terminal: 200, file: 10_000 };
/** Before this share is done, the estimate made beforehand is better than what was seen. */
const SHARE_SEEN_MIN = 0.05;

/** Tells whoever waits what is being done, how far it is and when all of it will end. */
export class Progress {
  private readonly begunAt: number;
  private readonly total: number;
  private doneSeconds = 0;
  private current = { name: '', seconds: 0 };
  private shownAt = -Infinity;

  /** `seconds` is how long each part is expected to take, by name. */
  constructor(
    private readonly stream: ProgressStream,
    private readonly seconds: ReadonlyMap<string, number>,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.begunAt = now();
    this.total = [...seconds.values()].reduce((sum, one) => sum + one, 0);
  }

  /** Goes on to the next part; the one before it is done. */
  begin(name: string): void {
    this.doneSeconds += this.current.seconds;
    this.current = { name, seconds: this.seconds.get(name)! };
    this.shownAt = -Infinity;
    this.at(0, 'starting');
  }

  /** `share` of the current part is done, 0 to 1. */
  at(share: number, doing: string): void {
    const now = this.now();
    const isTerminal = this.stream.isTTY === true;
    if (now - this.shownAt < (isTerminal ? SHOWN_EVERY_MS.terminal : SHOWN_EVERY_MS.file)) return;
    this.shownAt = now;
    const text = `${this.current.name}: ${doing}, ${Math.floor(100 * share)} %; all of it ${this.left(share, now)}`;
    this.stream.write(isTerminal ? `\r\x1b[2K${text}` : `${text}\n`);
  }

  /** Leaves the line to what is written next. */
  clear(): void {
    if (this.stream.isTTY === true) this.stream.write('\r\x1b[2K');
  }

  private left(share: number, now: number): string {
    const done = (this.doneSeconds + share * this.current.seconds) / this.total;
    const passed = (now - this.begunAt) / 1000;
    const seconds = done < SHARE_SEEN_MIN ? this.total * (1 - done) : (passed * (1 - done)) / done;
    return seconds < 60 ? `ends in about ${Math.ceil(seconds)} s` : `ends in about ${(seconds / 60).toFixed(1)} min`;
  }
}
