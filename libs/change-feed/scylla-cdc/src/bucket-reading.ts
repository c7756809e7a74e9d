import type { Micros } from './cdc-time.js';
import type { Checkpoint } from './checkpoint.js';
import { KnownGroups } from './known-groups.js';
import { SliceDigest } from './slice-digest.js';

/** Where a bucket begins: where a reader before it stood, where the log begins, or now. */
export type LogStart = Checkpoint | 'beginning' | 'now';

export interface LookBackSettings {
  readonly lookBackMicros: Micros;
  readonly sliceMicros: Micros;
}

/** One bucket from its assignment to its revocation: how far it is, and what it must remember to get on without loss. */
export class BucketReading {
  readonly known: KnownGroups;
  /**
   * Slices of the log that have still to be looked back, by number: a digest of what was handed out of them, or null for those
   * of which nothing is known, because a reader before this one read them.
   */
  readonly slices = new Map<number, SliceDigest | null>();
  /** A pass is reading it: no other one may, or a checkpoint could overtake rows that nobody has been handed. */
  busy = false;
  revoked = false;
  /** The time of the last checkpoint that was handed out, and when that was (monotonic). */
  checkpoint: { readonly time: Micros; readonly atMs: number } | undefined;
  /** The newest change that was handed out. */
  newest: Micros | undefined;

  #line: Micros | undefined;
  #begin: Micros | undefined;
  #wantedFrom: Micros = 0n;
  #rewinds = 0;

  constructor(
    readonly bucket: number,
    readonly start: LogStart,
    knownGroupsMax: number,
    private readonly lookBack: LookBackSettings,
  ) {
    this.known = new KnownGroups(knownGroupsMax);
  }

  /** The safe line: everything before it has been handed out. Undefined until it is known where to begin. */
  get line(): Micros | undefined {
    return this.#line;
  }

  /** Rows before it are never handed out. */
  get wantedFrom(): Micros {
    return this.#wantedFrom;
  }

  /** Changes with each {@link rewind}: what a pass that began before finds out is void. */
  get rewinds(): number {
    return this.#rewinds;
  }

  /**
   * Begins at a time. What lies between `lookBackFrom` and it has been read by another reader, who has not looked back at it
   * yet; with both equal, what was before is of no interest.
   */
  begin(time: Micros, lookBackFrom: Micros): void {
    this.#line = time;
    this.#begin = time;
    this.#wantedFrom = lookBackFrom;
    if (lookBackFrom === time) this.#remember(this.sliceOf(time));
    else if (this.lookBack.lookBackMicros > 0n) {
      for (let slice = this.sliceOf(lookBackFrom); slice <= this.sliceOf(time); slice += 1)
        this.slices.set(slice, null);
    }
  }

  /** Moves the line forward. Slices from `lookBackFrom` on are too young to be read for good, and are looked back later. */
  moveLine(to: Micros, lookBackFrom: Micros): void {
    if (this.#line === undefined || to <= this.#line) return;
    const first = Math.max(this.sliceOf(this.#line) + 1, this.sliceOf(lookBackFrom));
    for (let slice = first; slice <= this.sliceOf(to); slice += 1) this.#remember(slice);
    this.#line = to;
    this.known.forgetBefore(to);
  }

  /**
   * Goes back to a time, but not before where it began; a pass that is under way may be about to move the line beyond it, and is
   * void even if the line is not there yet. True when the line moved.
   */
  rewind(to: Micros): boolean {
    if (this.#line === undefined || this.#begin === undefined) return false;
    this.#rewinds += 1;
    const line = to > this.#begin ? to : this.#begin;
    if (line >= this.#line) return false;
    this.#line = line;
    return true;
  }

  /** Notes that a log group is handed out; false when it has been before. */
  take(key: string, micros: Micros, lookBackFrom: Micros): boolean {
    if (!this.known.add(key, micros)) return false;
    if (this.newest === undefined || micros > this.newest) this.newest = micros;
    const slice = this.sliceOf(micros);
    if (slice >= this.sliceOf(lookBackFrom)) this.#remember(slice);
    this.slices.get(slice)?.add(key);
    return true;
  }

  /** Everything before it has been read for good: all passes have, and looking back. Undefined before it has begun. */
  get readForGood(): Micros | undefined {
    if (this.#line === undefined || this.slices.size === 0) return this.#line;
    const oldest = BigInt(Math.min(...this.slices.keys())) * this.lookBack.sliceMicros;
    const wanted = oldest > this.#wantedFrom ? oldest : this.#wantedFrom;
    return wanted < this.#line ? wanted : this.#line;
  }

  sliceOf(micros: Micros): number {
    return Number(micros / this.lookBack.sliceMicros);
  }

  #remember(slice: number): void {
    if (this.lookBack.lookBackMicros > 0n && !this.slices.has(slice)) this.slices.set(slice, new SliceDigest());
  }
}
