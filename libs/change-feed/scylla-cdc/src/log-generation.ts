import { asBuffer, type Micros } from './cdc-time.js';
import { compareTokens, halvesOf, type TokenHalves } from './murmur3.js';
import { STREAM_ID_BYTES, streamToken, streamVersion, streamVnodeIndex } from './stream-id.js';
import { bucketOfToken, bucketsOfRange, rangesEndingAt, type TokenRange } from './token-ring.js';

/** One log stream of a generation. */
export interface LogStream {
  readonly id: Buffer;
  /** The id as a key of maps: one character a byte. */
  readonly key: string;
  /** The buckets that may have rows in it. */
  readonly buckets: readonly number[];
  /** The one among them that answers for rows which should not be in it. */
  readonly home: number;
  /** Whether rows of this token belong here. */
  holds(token: TokenHalves): boolean;
}

/** The streams of one part of the ring, as metadata tables give them. */
export interface StreamGroup {
  /** The last token of the part. */
  readonly rangeEnd: bigint;
  readonly ids: readonly Uint8Array[];
}

/** A set of log streams that is valid from a time on, until the next generation begins. */
export class LogGeneration {
  /** In the order of the ring. */
  readonly streams: readonly LogStream[];
  readonly #byKey: ReadonlyMap<string, LogStream>;

  constructor(
    /** Rows with this time and later belong to it. */
    readonly begin: Micros,
    groups: readonly StreamGroup[],
    buckets: number,
  ) {
    const sorted = groups.toSorted((a, b) => (a.rangeEnd < b.rangeEnd ? -1 : 1));
    const ranges = rangesEndingAt(sorted.map(({ rangeEnd }) => rangeEnd));
    this.streams = sorted.flatMap(({ ids }, index) => streamsOf(ids, ranges[index], buckets));
    this.#byKey = new Map(this.streams.map((stream) => [stream.key, stream]));
  }

  stream(key: string): LogStream | undefined {
    return this.#byKey.get(key);
  }

  /** The streams that may hold rows of these buckets. */
  streamsFor(buckets: ReadonlySet<number>): readonly LogStream[] {
    return this.streams.filter((stream) => stream.buckets.some((bucket) => buckets.has(bucket)));
  }
}

/** What is missing in the groups of a generation on vnodes or tablets, or undefined when it is readable. */
export function whyUnreadable(groups: readonly StreamGroup[]): string | undefined {
  if (groups.length === 0) return 'it has no streams';
  const ids = groups.flatMap((group) => group.ids);
  if (groups.some((group) => group.ids.length === 0)) return 'a part of the ring has no streams';
  if (ids.some((id) => id.length !== STREAM_ID_BYTES)) return `a stream id is not of ${STREAM_ID_BYTES} bytes`;
  const named = ids.filter((id) => streamVersion(id) === 1).map((id) => streamVnodeIndex(id) + 1);
  const vnodes = named.reduce((most, count) => Math.max(most, count), 0);
  if (vnodes > groups.length) return `its streams name ${vnodes} vnodes, but only ${groups.length} are there`;
  return undefined;
}

/** One group per stream: on tablets a stream's token is the last token of its tablet. */
export function tabletGroups(ids: readonly Uint8Array[]): readonly StreamGroup[] {
  return ids.map((id) => ({ rangeEnd: streamToken(id), ids: [id] }));
}

/** An id, or the id of a row, as a key of maps. Buffers compare by reference. */
export function streamKey(id: Uint8Array): string {
  return asBuffer(id).toString('latin1');
}

function streamsOf(ids: readonly Uint8Array[], range: TokenRange | undefined, buckets: number): readonly LogStream[] {
  if (!range) return [];
  const reading = bucketsOfRange(range, buckets);
  const home = bucketOfToken(halvesOf(range.upTo), buckets);
  const holds = containment(range);
  return ids.map((id) => ({ id: Buffer.from(id), key: streamKey(id), buckets: reading, home, holds }));
}

function containment(range: TokenRange): (token: TokenHalves) => boolean {
  const after = halvesOf(range.after);
  const upTo = halvesOf(range.upTo);
  if (range.after < range.upTo) return (token) => compareTokens(token, after) > 0 && compareTokens(token, upTo) <= 0;
  return (token) => compareTokens(token, after) > 0 || compareTokens(token, upTo) <= 0;
}
