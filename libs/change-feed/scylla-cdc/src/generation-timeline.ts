import { millisFromMicros, type Micros } from './cdc-time.js';
import { GenerationUnreadableError } from './errors.js';
import type { GenerationSource } from './generation-source.js';
import { LogGeneration, whyUnreadable } from './log-generation.js';

/** A readable generation and where the next known one begins. */
export interface ReadableGeneration {
  readonly generation: LogGeneration;
  /** Undefined: none is known. */
  readonly end: Micros | undefined;
}

/** What has to be read to know a span of the log. */
export interface Coverage {
  /** Oldest first, without gaps. */
  readonly generations: readonly ReadableGeneration[];
  /** Reading them makes the span complete up to here: a generation that is not readable bounds it. */
  readonly completeTo: Micros;
}

interface Entry {
  readonly begin: Micros;
  generation: LogGeneration | undefined;
  attempts: number;
  reason: string;
}

/**
 * All log generations that the reader has learnt of, in order; a generation that was seen once is never forgotten, whatever a
 * stale replica answers later. Streams are kept only of those that a bucket needs.
 */
export class GenerationTimeline {
  #entries: readonly Entry[] = [];
  #seenAsOf: Micros | undefined;

  constructor(private readonly buckets: number) {}

  /** No generation is known yet. */
  get empty(): boolean {
    return this.#entries.length === 0;
  }

  get begins(): readonly Micros[] {
    return this.#entries.map(({ begin }) => begin);
  }

  /**
   * Up to here every generation is known: those that begin later than the last successful look by `lead` may be unknown, since
   * a generation can be seen that long before it begins. Undefined before the first look.
   */
  knownUntil(lead: Micros): Micros | undefined {
    return this.#seenAsOf === undefined ? undefined : this.#seenAsOf + lead;
  }

  /** Learns of begins that were read at database time `asOf`. Returns the new ones. */
  learn(begins: readonly Micros[], asOf: Micros): readonly Micros[] {
    const known = new Set(this.begins);
    const found = [...new Set(begins)].filter((begin) => !known.has(begin));
    const entries = found.map((begin): Entry => ({
      begin,
      generation: undefined,
      attempts: 0,
      reason: 'not read yet',
    }));
    this.#entries = [...this.#entries, ...entries].toSorted((a, b) => (a.begin < b.begin ? -1 : 1));
    if (this.#seenAsOf === undefined || asOf > this.#seenAsOf) this.#seenAsOf = asOf;
    return found;
  }

  /** Reads the streams of generations that end after `from`, and forgets those of older ones. Returns those without streams. */
  async load(source: GenerationSource, from: Micros): Promise<readonly GenerationUnreadableError[]> {
    const unreadable: GenerationUnreadableError[] = [];
    for (const [index, entry] of this.#entries.entries()) {
      if (this.#ended(index, from)) entry.generation = undefined;
      else if (!entry.generation && !(await this.#read(source, entry))) unreadable.push(this.#error(entry));
    }
    return unreadable;
  }

  /**
   * The generations to read for `from` ≤ time < `to`; with `closedFor` also those that ended less than that before `from`,
   * for rows that were written into closed streams.
   */
  cover(from: Micros, to: Micros, closedFor: Micros = 0n): Coverage {
    const generations: ReadableGeneration[] = [];
    for (const [index, { begin, generation }] of this.#entries.entries()) {
      if (begin >= to) break;
      if (this.#ended(index, from - closedFor)) continue;
      if (!generation) return { generations, completeTo: begin > from ? begin : from };
      generations.push({ generation, end: this.#entries[index + 1]?.begin });
    }
    return { generations, completeTo: to };
  }

  /** The last generation that begins at or before a time; undefined when all begin later. */
  at(time: Micros): Micros | undefined {
    return this.#entries.findLast(({ begin }) => begin <= time)?.begin;
  }

  /** The first generation that begins after a time. */
  after(time: Micros): Micros | undefined {
    return this.#entries.find(({ begin }) => begin > time)?.begin;
  }

  /** Whether a bucket at `time` waits for a generation that has been looked for in vain at least once. */
  blockedAt(time: Micros): GenerationUnreadableError | undefined {
    const entry = this.#entries.findLast(({ begin }) => begin <= time);
    return entry && !entry.generation && entry.attempts > 0 ? this.#error(entry) : undefined;
  }

  async #read(source: GenerationSource, entry: Entry): Promise<boolean> {
    const groups = await source.streams(entry.begin, entry.attempts);
    entry.attempts += 1;
    const reason = whyUnreadable(groups);
    if (reason === undefined) entry.generation = new LogGeneration(entry.begin, groups, this.buckets);
    entry.reason = reason ?? '';
    return reason === undefined;
  }

  #ended(index: number, from: Micros): boolean {
    const next = this.#entries[index + 1];
    return next !== undefined && next.begin <= from;
  }

  #error({ begin, reason }: Entry): GenerationUnreadableError {
    return new GenerationUnreadableError(new Date(millisFromMicros(begin)).toISOString(), reason);
  }
}
