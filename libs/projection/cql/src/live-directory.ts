import { BucketLostError } from '@chronicle/change-feed-core';
import { ownerStamp } from '@chronicle/change-feed-cql';
import { atOnce, type CqlPort, type CqlValue } from '@chronicle/cql';
import { DAYS_PART, type LiveStatements } from './live-statements.js';
import { NumberSet } from './number-set.js';
import { dayOf, windowInDay } from './time-windows.js';

/** Requests of one call under way at a time. */
const REQUESTS_AT_ONCE = 64;
/** Parts that are kept in memory, about a kilobyte each at most. */
const PARTS_MAX = 4096;

/** Where the rows of one slot lie, and in which epoch it is owned. */
export interface OwnedWindow {
  /** The values of the logical partition key. */
  readonly partition: readonly CqlValue[];
  readonly slot: number;
  readonly epoch: number;
  readonly window: number;
}

/** One set of the directory as this owner of its slot knows it. */
interface Part {
  /** Of its primary key. */
  readonly values: readonly CqlValue[];
  readonly epoch: number;
  readonly live: NumberSet;
  stamp: bigint;
  /** It was written in this epoch: what former owners still write of it is lost. */
  claimed: boolean;
}

/**
 * Keeps the directory of a spread table, for the slots whose owner this process is. A set may name a window without rows, never
 * lack one that has rows whose position was written: who marks a window, then writes rows into it, then finds that it still owns
 * the slot, has marked it for its successor too, which reads the set after it took over. Every set is written with the stamp of
 * its owner, and anew by each owner before its first row, so that a former one changes nothing. One call at a time.
 */
export class LiveDirectory {
  readonly #port: CqlPort;
  readonly #statements: LiveStatements;
  readonly #parts = new Map<string, Part>();
  #writes = 0;

  constructor(port: CqlPort, statements: LiveStatements) {
    this.#port = port;
    this.#statements = statements;
  }

  /** Makes rows in these windows be found: to be called before they are written. */
  async mark(windows: readonly OwnedWindow[]): Promise<void> {
    const add = (part: Part, number: number) => part.live.add(number);
    const unless = (part: Part, number: number) => !part.claimed || !part.live.has(number);
    await this.#change(windows, dayOf, windowInDay, unless, add);
    await this.#change(windows, () => DAYS_PART, dayOf, unless, add);
  }

  /** Those of `windows` that are marked. */
  async marked<Window extends OwnedWindow>(windows: readonly Window[]): Promise<readonly Window[]> {
    await this.#load(windows, dayOf);
    return windows.filter((one) => this.#part(one, dayOf(one.window)).live.has(windowInDay(one.window)));
  }

  /** Makes windows without rows be passed over. */
  async unmark(windows: readonly OwnedWindow[]): Promise<void> {
    const take = (part: Part, number: number) => part.live.delete(number);
    const has = (part: Part, number: number) => part.live.has(number);
    await this.#change(windows, dayOf, windowInDay, has, take);
    const ofEmptyDays = windows.filter((one) => this.#part(one, dayOf(one.window)).live.isEmpty);
    await this.#change(ofEmptyDays, () => DAYS_PART, dayOf, has, take);
  }

  /** Forgets what has not been used for long; between calls. */
  forgetOld(): void {
    for (const key of this.#parts.keys()) {
      if (this.#parts.size <= PARTS_MAX) return;
      this.#parts.delete(key);
    }
  }

  /** Changes each part by the numbers of those windows of which it is to be changed, and writes it. */
  async #change(
    windows: readonly OwnedWindow[],
    partOf: (window: number) => number,
    numberOf: (window: number) => number,
    needed: (part: Part, number: number) => boolean,
    change: (part: Part, number: number) => void,
  ): Promise<void> {
    await this.#load(windows, partOf);
    const changed = new Set<Part>();
    for (const one of windows) {
      const part = this.#part(one, partOf(one.window));
      const number = numberOf(one.window);
      if (!needed(part, number) && !changed.has(part)) continue;
      change(part, number);
      changed.add(part);
    }
    await this.#orForget(atOnce([...changed], REQUESTS_AT_ONCE, (part) => this.#write(part)));
  }

  async #write(part: Part): Promise<void> {
    this.#writes += 1;
    const stamp = ownerStamp(part.epoch, this.#writes);
    part.stamp = stamp > part.stamp ? stamp : part.stamp + 1n;
    await this.#port.write(this.#statements.write, [part.stamp, part.live.encode(), ...part.values]);
    part.claimed = true;
  }

  /** Reads the parts that are not known, or known from another epoch. */
  async #load(windows: readonly OwnedWindow[], partOf: (window: number) => number): Promise<void> {
    const missing = new Map<string, { readonly one: OwnedWindow; readonly values: readonly CqlValue[] }>();
    for (const one of windows) {
      const values = [...one.partition, partOf(one.window), one.slot];
      const key = keyOf(values);
      if (this.#parts.get(key)?.epoch !== one.epoch) missing.set(key, { one, values });
    }
    await this.#orForget(
      atOnce([...missing], REQUESTS_AT_ONCE, async ([key, { one, values }]) => {
        const row = await this.#port.readOne(this.#statements.readOne, values);
        const stamp = (row?.stamp ?? 0n) as bigint;
        if (stamp >= ownerStamp(one.epoch + 1, 0)) throw new BucketLostError(one.slot, one.epoch);
        const live = NumberSet.decode((row?.spread_live ?? new Uint8Array()) as Uint8Array);
        this.#parts.set(key, { values, epoch: one.epoch, live, stamp, claimed: false });
      }),
    );
  }

  /** Of a write that failed nobody knows whether it will count: what is read afresh is claimed afresh, with a later stamp. */
  async #orForget(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.#parts.clear();
      throw error;
    }
  }

  #part({ partition, slot }: OwnedWindow, part: number): Part {
    return this.#parts.get(keyOf([...partition, part, slot]))!;
  }
}

function keyOf(values: readonly CqlValue[]): string {
  return JSON.stringify(values.map(String));
}
