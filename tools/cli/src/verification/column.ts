const CHUNK_BITS = 16;
const CHUNK_LENGTH = 1 << CHUNK_BITS;

/**
 * Whole numbers from 0 to 2^32 − 1, four bytes each, addressed from 0. It grows by chunks, so that growing never holds two
 * copies: checks over millions of events keep one column per fact and stay small.
 */
export class Column {
  private readonly chunks: Uint32Array[] = [];
  private count = 0;

  get length(): number {
    return this.count;
  }

  push(value: number): void {
    if (this.count % CHUNK_LENGTH === 0) this.chunks.push(new Uint32Array(CHUNK_LENGTH));
    this.count += 1;
    this.set(this.count - 1, value);
  }

  get(index: number): number {
    return this.chunks[index >>> CHUNK_BITS]![index & (CHUNK_LENGTH - 1)]!;
  }

  set(index: number, value: number): void {
    this.chunks[index >>> CHUNK_BITS]![index & (CHUNK_LENGTH - 1)] = value;
  }
}
