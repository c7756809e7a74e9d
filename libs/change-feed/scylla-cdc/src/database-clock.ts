import type { CdcClock } from './cdc-clock.js';
import { microsFromMillis, millisOf, type Micros } from './cdc-time.js';
import { readAll, type CdcSession, type CdcStatement } from './cdc-session.js';
import { readError, type LogRefusedError, type LogUnavailableError } from './errors.js';

/** A node's clock against ours: its time minus our monotonic one lies between `low` and `high`. */
interface Offset {
  readonly low: number;
  readonly high: number;
}

export interface ClockComparison {
  readonly nodes: number;
  readonly unanswered: number;
  readonly skewMs: number;
  /** Of one of the nodes that did not answer. */
  readonly error: LogUnavailableError | LogRefusedError | undefined;
}

/** Answers of whichever node, kept when the session does not tell the nodes apart. */
const ANONYMOUS_ANSWERS = 8;

/**
 * What time it is by the clocks that stamp the writes: those of the nodes, not of this machine. Between two measurements it
 * goes on with the monotonic clock of this machine.
 */
export class DatabaseClock {
  #offsets: ReadonlyMap<string, Offset> = new Map();
  #measurements = 0;
  #lowest: Micros | undefined;

  constructor(
    private readonly session: CdcSession,
    private readonly statement: CdcStatement,
    private readonly clock: CdcClock,
  ) {}

  /** Whether some node has told its time. */
  get known(): boolean {
    return this.#offsets.size > 0;
  }

  /** How far apart the clocks of the nodes are, as far as known; never understated by more than the time of an answer. */
  get skewMs(): number {
    const middles = [...this.#offsets.values()].map(({ low, high }) => (low + high) / 2);
    return middles.length === 0 ? 0 : Math.max(...middles) - Math.min(...middles);
  }

  /** Asks every node once. A node that does not answer keeps its last answer: its clock may still be stamping. */
  async measure(): Promise<ClockComparison> {
    const hosts = this.session.hosts?.();
    const anonymous = `answer ${this.#measurements % ANONYMOUS_ANSWERS}`;
    const questions = hosts?.map((host) => ({ name: host, host })) ?? [{ name: anonymous, host: undefined }];
    const answers = await Promise.allSettled(questions.map(({ host }) => this.#ask(host)));
    const fresh = questions.flatMap(({ name }, index): [string, Offset][] => {
      const answer = answers[index];
      return answer?.status === 'fulfilled' ? [[name, answer.value]] : [];
    });
    this.#measurements += 1;
    const kept = [...this.#offsets].filter(([name]) => !hosts || hosts.includes(name));
    this.#offsets = new Map([...kept, ...fresh]);
    const failed = answers.find((answer) => answer.status === 'rejected');
    return {
      nodes: fresh.length,
      unanswered: questions.length - fresh.length,
      skewMs: this.skewMs,
      error: failed && readError(this.statement.name, failed.reason),
    };
  }

  /** No node's clock is behind this. Never goes back, even when a clock does. */
  earliest(): Micros {
    const low = Math.min(...[...this.#offsets.values()].map((offset) => offset.low));
    const now = microsFromMillis(this.clock.monotonic() + low);
    if (this.#lowest === undefined || now > this.#lowest) this.#lowest = now;
    return this.#lowest;
  }

  /** No node's clock is ahead of this. */
  latest(): Micros {
    const high = Math.max(...[...this.#offsets.values()].map((offset) => offset.high));
    return microsFromMillis(this.clock.monotonic() + high);
  }

  /** The node read its clock between our question and its answer, and cut off what is below a millisecond. */
  async #ask(host: string | undefined): Promise<Offset> {
    const asked = this.clock.monotonic();
    const [row] = await readAll(this.session, this.statement, [], host === undefined ? {} : { host });
    const answered = this.clock.monotonic();
    const now = millisOf(row?.now);
    return { low: now - answered, high: now + 1 - asked };
  }
}
