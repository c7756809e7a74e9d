import { storedEventFromRow, type CqlPage, type CqlPort } from '@chronicle/cql';
import type { StoredEvent } from '@chronicle/event-sourcing-core';
import { isEvent, scanEvents } from '@chronicle/event-sourcing-cql';
import type { Checkpoint } from '@chronicle/scylla-cdc';
import { tokenOf, tokensOf } from './buckets.js';
import type { FeedPlace, ScanPlace } from './feed-place.js';

/** A page of a scan, and where the bucket stands once it has been handled. */
export interface ScannedPage {
  readonly events: readonly StoredEvent[];
  readonly place: FeedPlace;
}

/** Reads one bucket from the event store, a page ahead of whoever takes the pages. */
export class BucketScan {
  readonly #port: CqlPort;
  readonly #slice: readonly [after: bigint, upTo: bigint];
  readonly #logFrom: Checkpoint;
  #place: ScanPlace;
  #pageState: string | undefined;
  #ahead: Promise<CqlPage> | undefined;

  constructor(port: CqlPort, bucket: number, place: ScanPlace) {
    this.#port = port;
    this.#slice = [place.after, tokensOf(bucket).upTo];
    this.#logFrom = place.logFrom;
    this.#place = place;
  }

  /** The next page; after the last one the place is in the log. Throws `StoreUnavailableError`: ask again, nothing is skipped. */
  async next(): Promise<ScannedPage> {
    const asked = (this.#ahead ??= this.#read());
    const page = await asked.finally(() => (this.#ahead = undefined));
    const events = page.rows.filter(isEvent).map(storedEventFromRow);
    if (page.pageState === undefined) return { events, place: { mode: 'log', from: this.#logFrom, newest: undefined } };
    this.#pageState = page.pageState;
    this.#ahead = this.#read();
    this.#ahead.catch(() => undefined); // whoever takes it is told
    const last = events.at(-1);
    // Its aggregate may go on in the next page: a later scan begins with the whole of it.
    if (last !== undefined) this.#place = { ...this.#place, after: tokenOf(last.aggregateId) - 1n };
    return { events, place: this.#place };
  }

  /** Resolves when nothing is under way any more. */
  async end(): Promise<void> {
    await this.#ahead?.catch(() => undefined);
  }

  #read(): Promise<CqlPage> {
    const pageState = this.#pageState;
    return this.#port.read(scanEvents, this.#slice, pageState === undefined ? {} : { pageState });
  }
}
