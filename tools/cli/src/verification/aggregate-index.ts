import { hash } from 'node:crypto';
import { Column } from './column.js';

const CANONICAL_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const SLOTS_AT_FIRST = 1 << 12;
const SLOTS_PER_AGGREGATE_MIN = 1.5;

type Words = readonly [number, number, number, number];

/**
 * Gives every aggregate a number, 0, 1, 2 … in the order of adding, and finds it again: about 24 bytes an aggregate, where a
 * `Map` of texts takes 150. An id is kept as its 16 bytes; one that is not a lower-case UUID as its text, found by its digest.
 */
export class AggregateIndex {
  private readonly columns = [new Column(), new Column(), new Column(), new Column()] as const;
  private readonly texts = new Map<number, string>();
  /** Open addressing: the aggregate's number + 1, 0 where a slot is free. */
  private slots = new Uint32Array(SLOTS_AT_FIRST);

  get size(): number {
    return this.columns[0].length;
  }

  /** The number of `aggregateId`, a new one when it is not known yet. */
  add(aggregateId: string): number {
    const words = wordsOf(aggregateId);
    const found = this.lookUp(words);
    if (found !== undefined) return found;
    const added = this.size;
    this.columns.forEach((column, index) => column.push(words[index]!));
    if (!CANONICAL_UUID.test(aggregateId)) this.texts.set(added, aggregateId);
    if (this.slots.length < this.size * SLOTS_PER_AGGREGATE_MIN) this.grow();
    else this.place(added, words);
    return added;
  }

  /** The number of `aggregateId`, undefined when it was never added. */
  find(aggregateId: string): number | undefined {
    return this.lookUp(wordsOf(aggregateId));
  }

  /** The id that was added as `aggregate`. */
  idOf(aggregate: number): string {
    const text = this.texts.get(aggregate);
    if (text !== undefined) return text;
    const hex = this.wordsAt(aggregate)
      .map((word) => word.toString(16).padStart(8, '0'))
      .join('');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  }

  private lookUp(words: Words): number | undefined {
    for (let slot = this.firstSlot(words); ; slot = this.nextSlot(slot)) {
      const aggregate = this.slots[slot]! - 1;
      if (aggregate < 0) return undefined;
      if (this.columns.every((column, index) => column.get(aggregate) === words[index])) return aggregate;
    }
  }

  private place(aggregate: number, words: Words): void {
    let slot = this.firstSlot(words);
    while (this.slots[slot] !== 0) slot = this.nextSlot(slot);
    this.slots[slot] = aggregate + 1;
  }

  private grow(): void {
    this.slots = new Uint32Array(this.slots.length * 2);
    for (let aggregate = 0; aggregate < this.size; aggregate += 1) this.place(aggregate, this.wordsAt(aggregate));
  }

  private wordsAt(aggregate: number): Words {
    const [a, b, c, d] = this.columns;
    return [a.get(aggregate), b.get(aggregate), c.get(aggregate), d.get(aggregate)];
  }

  private firstSlot([a, b, c, d]: Words): number {
    return (Math.imul(a ^ Math.imul(b ^ c, 0x85ebca6b) ^ d, 0x9e3779b1) >>> 0) & (this.slots.length - 1);
  }

  private nextSlot(slot: number): number {
    return (slot + 1) & (this.slots.length - 1);
  }
}

function wordsOf(aggregateId: string): Words {
  const hex = CANONICAL_UUID.test(aggregateId) ? aggregateId.replaceAll('-', '') : hash('sha256', aggregateId, 'hex');
  const word = (index: number) => parseInt(hex.slice(index * 8, index * 8 + 8), 16);
  return [word(0), word(1), word(2), word(3)];
}
