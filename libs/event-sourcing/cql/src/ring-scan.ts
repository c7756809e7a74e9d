import { ringSlices, storedEventFromRow, type CqlPort, type RingSlice } from '@chronicle/cql';
import type { ScanPage, StoredEvent } from '@chronicle/event-sourcing-core';
import { isEvent, scanEvents } from './event-statements.js';

export interface RingScanSettings {
  /** Slices of the token ring (default 64). */
  readonly scanRanges: number;
  /** Slices read at once (default 8), each up to a page ahead of who takes them. */
  readonly scansAtOnce: number;
}

/** Events of one slice, and whether the aggregate of the last goes on in the next page of the same slice. */
interface RangePage {
  readonly events: readonly StoredEvent[];
  readonly goesOn: boolean;
}

/**
 * All events, slice by slice of the token ring, several slices at once. Pages come as they are read, but the events of one
 * aggregate follow one another: a page ends where an aggregate does, or the same slice goes on.
 */
export async function* scanRing(port: CqlPort, settings: RingScanSettings): AsyncGenerator<ScanPage> {
  const { scanRanges, scansAtOnce } = settings;
  const ranges = [...ringSlices(scanRanges)];
  let rangesDone = 0;
  let scanned = 0;
  const nextRange = () => {
    const range = ranges.shift();
    return range && rangePages(port, range);
  };
  const readers = Array.from({ length: scansAtOnce }, () => new RangeReader(nextRange, () => (rangesDone += 1)));
  let reading = readers;
  try {
    while (reading.length > 0) {
      let page: RangePage | undefined;
      const reader = await Promise.race(reading.map((candidate) => candidate.ready()));
      do {
        page = await reader.take();
        if (!page) break;
        scanned += page.events.length;
        const total = Math.max(scanned, Math.round((scanned * scanRanges) / Math.max(1, rangesDone)));
        yield { events: page.events, scanned, total };
      } while (page.goesOn);
      if (!page) reading = reading.filter((other) => other !== reader);
    }
  } finally {
    ranges.length = 0;
    await Promise.all(readers.map((reader) => reader.end()));
  }
}

/** Reads slices one after another, a page ahead. */
class RangeReader {
  readonly #nextRange: () => AsyncGenerator<RangePage> | undefined;
  readonly #rangeDone: () => void;
  #pages: AsyncGenerator<RangePage> | undefined;
  #ahead: Promise<RangePage | undefined>;

  constructor(nextRange: () => AsyncGenerator<RangePage> | undefined, rangeDone: () => void) {
    this.#nextRange = nextRange;
    this.#rangeDone = rangeDone;
    this.#pages = nextRange();
    this.#ahead = this.#read();
  }

  /** Resolves (or rejects) when a page, or the end, is there to be taken. */
  async ready(): Promise<this> {
    await this.#ahead;
    return this;
  }

  /** The next page; undefined when there are no more slices. */
  async take(): Promise<RangePage | undefined> {
    const page = await this.#ahead;
    if (page) this.#ahead = this.#read();
    return page;
  }

  async end(): Promise<void> {
    await this.#ahead.catch(() => undefined);
    await this.#pages?.return(undefined);
  }

  #read(): Promise<RangePage | undefined> {
    const reading = this.#readOn();
    reading.catch(() => undefined); // whoever takes it is told
    return reading;
  }

  async #readOn(): Promise<RangePage | undefined> {
    while (this.#pages) {
      const { value, done } = await this.#pages.next();
      if (!done) return value;
      this.#rangeDone();
      this.#pages = this.#nextRange();
    }
    return undefined;
  }
}

/** The pages of one slice, cut where aggregates end. */
async function* rangePages(port: CqlPort, { after, upTo }: RingSlice): AsyncGenerator<RangePage> {
  let held: StoredEvent[] = [];
  for await (const rows of port.pages(scanEvents, [after, upTo])) {
    const events = rows.filter(isEvent).map(storedEventFromRow);
    const last = events.at(-1);
    if (!last) continue;
    if (held.length > 0) {
      const goesOn = held.at(-1)!.aggregateId === events[0]!.aggregateId;
      yield { events: held, goesOn };
    }
    const from = events.findIndex(({ aggregateId }) => aggregateId === last.aggregateId);
    if (from > 0) yield { events: events.slice(0, from), goesOn: false };
    held = events.slice(from);
  }
  if (held.length > 0) yield { events: held, goesOn: false };
}
