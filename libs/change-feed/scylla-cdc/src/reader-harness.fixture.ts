import { CdcReader } from './cdc-reader.js';
import type { PassKind, PassReport } from './cdc-observer.js';
import { FakeScylla, START_MS } from './fake-scylla.fixture.js';
import { ManualClock } from './manual-clock.fixture.js';
import type { CdcReaderOptions } from './options.js';

export interface Received {
  readonly id: number;
  readonly v: unknown;
  readonly bucket: number;
  readonly pass: PassKind;
  readonly atMs: number;
}

/** A reader of a fake log under a manual clock, and a caller who takes everything at once and notes it. */
export class Harness {
  readonly clock = new ManualClock();
  readonly scylla = new FakeScylla(this.clock);
  readonly received: Received[] = [];
  /** How many log groups each call of `next` gave that gave some. */
  readonly groupsOfCalls: number[] = [];
  readonly checkpoints = new Map<number, string>();
  readonly errors: Error[] = [];
  readonly passes: PassReport[] = [];
  reader!: CdcReader;
  #running: Promise<void> = Promise.resolve();
  #stopping = false;
  #workMs = 0;

  /** Opens a reader of all buckets; none is assigned. */
  open(options: Partial<CdcReaderOptions> = {}): this {
    this.reader = new CdcReader({
      session: this.scylla,
      clock: this.clock,
      keyspace: 'shop',
      table: 'orders',
      retentionMs: 86_400_000,
      bucketCount: 4,
      ...options,
      observer: { passEnded: (report) => this.passes.push(report), ...options.observer },
    });
    return this;
  }

  assignAll(start: string): this {
    for (let bucket = 0; bucket < this.reader.bucketCount; bucket += 1) this.reader.assign(bucket, start);
    return this;
  }

  /** Takes slices until {@link stop}, and works so long at what a call gives. */
  consume(workMs = 0): this {
    this.#stopping = false;
    this.#workMs = workMs;
    this.#running = this.#loop();
    return this;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.clock.advance(2_000);
    await this.#running;
  }

  async close(): Promise<void> {
    this.#stopping = true;
    await this.reader.close();
    await this.clock.advance(this.#workMs);
    await this.#running;
  }

  /** Time in ms since {@link START_MS} as microseconds since 1970. */
  at(ms: number): bigint {
    return BigInt(START_MS + ms) * 1000n;
  }

  /** The values received for each id, in order. */
  get values(): Record<number, unknown[]> {
    const values: Record<number, unknown[]> = {};
    for (const { id, v } of this.received) (values[id] ??= []).push(v);
    return values;
  }

  async #loop(): Promise<void> {
    while (!this.#stopping) {
      try {
        const slices = await this.reader.next({ waitMs: 1_000 });
        const groups = slices.reduce((sum, slice) => sum + slice.groups.length, 0);
        if (groups > 0) this.groupsOfCalls.push(groups);
        for (const slice of slices) {
          for (const group of slice.groups) {
            for (const change of group.changes) {
              this.received.push({
                id: Number(change.key.id),
                v: 'values' in change ? change.values.v : change.kind,
                bucket: slice.bucket,
                pass: slice.pass,
                atMs: this.clock.monotonic(),
              });
            }
          }
          if (slice.checkpoint) this.checkpoints.set(slice.bucket, slice.checkpoint);
        }
        if (this.#workMs > 0) await this.clock.sleep(this.#workMs);
      } catch (error) {
        this.errors.push(error as Error);
      }
    }
  }
}
