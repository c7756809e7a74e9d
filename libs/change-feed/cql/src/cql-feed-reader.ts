import { FEED_EVENTS_MAX, FeedReader } from '@chronicle/change-feed-core';
import type { FeedSlice } from '@chronicle/change-feed-core';
import { ENVELOPE_COLUMNS, databaseTime, storedEventFromRow } from '@chronicle/cql';
import { LogExpiredError, checkpointAt } from '@chronicle/scylla-cdc';
import type { CdcReader, LogSlice, PassReport } from '@chronicle/scylla-cdc';
import { BucketScan } from './bucket-scan.js';
import { tokensOf } from './buckets.js';
import { placeOf, placeText } from './feed-place.js';
import type { FeedPlace, LogPlace } from './feed-place.js';
import { insertedRows, logReader } from './log-events.js';
import type { ChangeLog } from './log-events.js';
import { unavailable } from './log-to-end.js';

/** How long one call waits for something new. */
const WAIT_MS = 50;
/**
 * Where the log is taken up after a scan: this long before the scan began. What was committed before it, the scan sees; what
 * was committed later stands in the log with a later time, but for the clocks of the nodes.
 */
const SCAN_OVERLAP_MS = 60_000;

/**
 * Hands out the change log, and the event store instead for buckets that stand where the log may have lost rows already: those
 * go on in the log from a time before their scan began. A scan, of one bucket at a time, and the log take turns.
 */
export class CqlFeedReader extends FeedReader {
  readonly #log: ChangeLog;
  readonly #reader: CdcReader;
  /** Buckets that are read in the log. */
  readonly #places = new Map<number, LogPlace>();
  readonly #scans = new Map<number, BucketScan>();
  /** Read and not handed out yet. */
  #ready: FeedSlice[] = [];
  #scanned = false;
  /** Why the log could not be read; undefined once a pass has come to its end. Until then nothing new is no news. */
  #failure: unknown;

  constructor(log: ChangeLog) {
    super();
    this.#log = log;
    const { observer } = log;
    const passEnded = (report: PassReport) => {
      this.#failure = undefined;
      observer.passEnded?.(report);
    };
    this.#reader = logReader(log, ENVELOPE_COLUMNS, { observer: { ...observer, passEnded } });
  }

  assign(bucket: number, checkpoint: string | null): void {
    this.revoke(bucket);
    this.#begin(bucket, placeOf(checkpoint));
  }

  revoke(bucket: number): void {
    this.#reader.revoke(bucket);
    this.#places.delete(bucket);
    this.#scans.delete(bucket);
    this.#ready = this.#ready.filter((slice) => slice.bucket !== bucket);
  }

  async next(signal: AbortSignal): Promise<readonly FeedSlice[]> {
    if (signal.aborted) return [];
    if (this.#ready.length === 0) await this.#read(signal);
    return this.#handOut();
  }

  async close(): Promise<void> {
    await this.#reader.close();
    for (const scan of this.#scans.values()) await scan.end();
  }

  async #read(signal: AbortSignal): Promise<void> {
    const [scanning] = this.#scans;
    this.#scanned = scanning !== undefined && !this.#scanned;
    if (scanning !== undefined && this.#scanned) return this.#readScan(...scanning);
    try {
      const slices = await this.#reader.next({ signal, waitMs: scanning === undefined ? WAIT_MS : 0 });
      this.#ready.push(...slices.map((slice) => this.#opened(slice)));
    } catch (error) {
      await this.#onError(error);
    }
    const isNews = this.#ready.length > 0 || this.#places.size === 0 || signal.aborted;
    if (!isNews && this.#failure !== undefined) throw this.#failure;
  }

  async #readScan(bucket: number, scan: BucketScan): Promise<void> {
    const { events, place } = await scan.next();
    if (this.#scans.get(bucket) !== scan) return;
    this.#ready.push({ bucket, events, checkpoint: placeText(place) });
    if (place.mode === 'scan') return;
    this.#scans.delete(bucket);
    this.#begin(bucket, place);
  }

  #opened(slice: LogSlice): FeedSlice {
    const { bucket, groups, checkpoint } = slice;
    const before = this.#places.get(bucket)!;
    let { newest } = before;
    for (const { timeMicros } of groups) if (newest === undefined || timeMicros > newest) newest = timeMicros;
    const place = { ...before, newest, from: checkpoint ?? before.from };
    this.#places.set(bucket, place);
    return {
      bucket,
      events: insertedRows(slice, this.#log.observer).map(storedEventFromRow),
      checkpoint: checkpoint === null ? null : placeText(place),
    };
  }

  async #onError(error: unknown): Promise<void> {
    if (error instanceof LogExpiredError) return this.#beginScan(error.bucket);
    const { bucket } = error as { readonly bucket?: number };
    const place = bucket === undefined ? undefined : this.#places.get(bucket);
    if (bucket !== undefined && place) this.#begin(bucket, place); // the reader has given it up, and is asked again
    throw (this.#failure = unavailable(error));
  }

  async #beginScan(bucket: number): Promise<void> {
    const place = this.#places.get(bucket);
    if (!place) return;
    try {
      const { after } = tokensOf(bucket);
      const logFrom = checkpointAt(new Date((await databaseTime(this.#log.port)) - SCAN_OVERLAP_MS));
      if (this.#places.get(bucket) === place) this.#begin(bucket, { mode: 'scan', after, logFrom });
      this.#log.observer.catchUpBegan?.(bucket);
    } catch (error) {
      this.#begin(bucket, place);
      throw error;
    }
  }

  #begin(bucket: number, place: FeedPlace): void {
    if (place.mode === 'scan') {
      this.#places.delete(bucket);
      this.#scans.set(bucket, new BucketScan(this.#log.port, bucket, place));
    } else {
      this.#places.set(bucket, place);
      this.#reader.assign(bucket, place.from);
    }
  }

  /** What is ready, as far as it may be handed out at once: a slice that is cut has its checkpoint in the last part. */
  #handOut(): readonly FeedSlice[] {
    const slices: FeedSlice[] = [];
    for (let room = FEED_EVENTS_MAX; room > 0 && this.#ready.length > 0;) {
      const slice = this.#ready.shift()!;
      const isWhole = slice.events.length <= room;
      slices.push(isWhole ? slice : { ...slice, events: slice.events.slice(0, room), checkpoint: null });
      if (!isWhole) this.#ready.unshift({ ...slice, events: slice.events.slice(room) });
      room -= slice.events.length;
    }
    return slices;
  }
}
