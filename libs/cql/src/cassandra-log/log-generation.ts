import { TOKEN_MAX, TOKEN_MIN, streamId, streamToken } from '@chronicle/scylla-cdc';
import type { Entropy } from '@chronicle/seams';

/** How a generation spreads aggregates over its streams: as ScyllaDB does on vnodes, or on tablets. */
export type LogStyle = 'vnodes' | 'tablets';

/** The streams of one slice of the token ring. */
export interface LogRange {
  /** The last token of the slice; it begins after the end of the one before, and the first one also takes what lies behind the last. */
  readonly end: bigint;
  /** One on tablets; on vnodes one for each shard. */
  readonly streams: readonly Buffer[];
}

/** A set of streams that the rows from `since` on are written to, until the next generation begins. */
export interface LogGeneration {
  /** ms since 1970, by the database's clock. */
  readonly since: number;
  /** By their ends, ascending. */
  readonly ranges: readonly LogRange[];
}

export interface LogLayout {
  readonly style: LogStyle;
  /** Slices of the ring: vnodes or tablets, 1 to {@link LOG_RANGES_MAX}. */
  readonly ranges: number;
  /** Streams of a slice; tablets have one. */
  readonly shards?: number;
}

export const LOG_RANGES_MAX = 4096;
const RING = TOKEN_MAX - TOKEN_MIN;
/** ScyllaDB's `murmur3_partitioner_ignore_msb_bits`, as it comes. */
const IGNORED_BITS = 12n;

/** A new generation of `ranges` equal slices of the ring, the last of which ends at its end. */
export function newGeneration(since: number, layout: LogLayout, entropy: Entropy): LogGeneration {
  const { style, ranges, shards = 1 } = layout;
  if (ranges < 1 || ranges > LOG_RANGES_MAX) {
    throw new RangeError(`a log generation of ${ranges} ranges: expected 1 to ${LOG_RANGES_MAX}`);
  }
  const ends = Array.from({ length: ranges }, (_, index) => TOKEN_MIN + (RING * BigInt(index + 1)) / BigInt(ranges));
  return {
    since,
    ranges: ends.map((end, index) => {
      const vnodeIndex = style === 'tablets' ? 0 : index;
      const streams = style === 'tablets' ? 1 : shards;
      // Within its range: the last token, the one before it …
      const ids = Array.from({ length: streams }, (_, shard) =>
        streamId({ token: end - BigInt(shard), vnodeIndex, random: randomBits(entropy) }),
      );
      return { end, streams: ids };
    }),
  };
}

/** The stream that the rows of a partition with this token go to. */
export function streamOf(generation: LogGeneration, token: bigint): Buffer {
  const { ranges } = generation;
  const { streams } = ranges[firstEndingAt(ranges, token)] ?? ranges[0]!;
  return streams[shardOf(streams.length, token)]!;
}

/** The generation that tablets have: a slice for each stream, which ends at its token. */
export function generationOfTablets(since: number, streams: readonly Uint8Array[]): LogGeneration {
  const ranges = streams.map((id) => ({ end: streamToken(id), streams: [Buffer.from(id)] }));
  return { since, ranges: sortedByEnd(ranges) };
}

/** The generation that vnodes have. A set has no order, ours is that of the shards: the last token first. */
export function generationOfVnodes(
  since: number,
  ranges: readonly { readonly end: bigint; readonly streams: readonly Uint8Array[] }[],
): LogGeneration {
  const ordered = ranges.map(({ end, streams }) => ({
    end,
    streams: streams
      .map((id) => Buffer.from(id))
      .sort((left, right) => (streamToken(left) > streamToken(right) ? -1 : 1)),
  }));
  return { since, ranges: sortedByEnd(ordered) };
}

/** Index of the first range whose end is not before `token`; `ranges.length` when there is none. */
function firstEndingAt(ranges: readonly LogRange[], token: bigint): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranges[middle]!.end < token) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** As ScyllaDB gives a token to one of the shards of a node (dht/token.cc). */
function shardOf(shards: number, token: bigint): number {
  const unsigned = BigInt.asUintN(64, token - TOKEN_MIN);
  return Number((BigInt.asUintN(64, unsigned << IGNORED_BITS) * BigInt(shards)) >> 64n);
}

function sortedByEnd(ranges: LogRange[]): LogRange[] {
  return ranges.sort((left, right) => (left.end < right.end ? -1 : 1));
}

function randomBits(entropy: Entropy): bigint {
  return BigInt(`0x${Buffer.from(entropy.bytes(8)).toString('hex')}`);
}
