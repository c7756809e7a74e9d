import type { FeedLag } from '@chronicle/change-feed-core';
import type { RingSlice } from '@chronicle/cql';
import { isEvent, scanEventTimes } from '@chronicle/event-sourcing-cql';
import type { Micros } from '@chronicle/scylla-cdc';
import { tokenOf, tokensOf } from './buckets.js';
import { placeOf } from './feed-place.js';
import type { LogPlace } from './feed-place.js';
import { insertedRows } from './log-events.js';
import type { ChangeLog } from './log-events.js';
import { logToEnd } from './log-to-end.js';

/** Up to here the lag is counted. */
const EXACT_LAG_MAX = 10_000;

/** Events that were counted, and how large a share of all they are: 1 when they are all. */
interface Count extends FeedLag {
  readonly share: number;
}

/**
 * What lies behind these checkpoints, one for each bucket: in the log, what is newer than what was handed out; in the event
 * store, what a scan has not come to. What is more than can be counted is taken to be like what was counted.
 */
export async function feedLag(log: ChangeLog, checkpoints: ReadonlyMap<number, string | null>): Promise<FeedLag> {
  const logPlaces = new Map<number, LogPlace>();
  const scans: RingSlice[] = [];
  for (const [bucket, checkpoint] of checkpoints) {
    const place = placeOf(checkpoint);
    if (place.mode === 'log') logPlaces.set(bucket, place);
    else scans.push({ ...tokensOf(bucket), after: place.after });
  }
  const inLog = await lagInLog(log, logPlaces, (bucket) => scans.push(tokensOf(bucket)));
  const inStore = await lagInStore(log, scans);
  const oldest = [inLog.oldest, inStore.oldest].filter((time) => time !== null).sort()[0] ?? null;
  return { events: inLog.events + inStore.events, oldest };
}

/**
 * All of it, or else what one bucket has, times as many: streams are read side by side, so only of one bucket is it known up to
 * when it was counted.
 */
async function lagInLog(
  log: ChangeLog,
  places: ReadonlyMap<number, LogPlace>,
  onExpired: (bucket: number) => void,
): Promise<FeedLag> {
  const all = await countInLog(log, places, onExpired);
  const [one] = places;
  if (all.share === 1 || one === undefined) return all;
  const sample = await countInLog(log, new Map([one]), () => undefined);
  return { events: Math.max(all.events, whole(sample) * places.size), oldest: all.oldest };
}

/** Counts until it has all, or enough. */
async function countInLog(
  log: ChangeLog,
  places: ReadonlyMap<number, LogPlace>,
  onExpired: (bucket: number) => void,
): Promise<Count> {
  const counted = new Set<string>();
  let oldest: string | null = null;
  let [first, last]: [Micros, Micros] = [0n, 0n];
  const span = {
    starts: new Map([...places].map(([bucket, { from }]) => [bucket, from])),
    columns: ['timestamp'],
    onExpired: ({ bucket }: { readonly bucket: number }) => void onExpired(bucket),
  };
  for await (const slices of logToEnd(log, span)) {
    for (const slice of slices) {
      const { newest = -1n } = places.get(slice.bucket)!;
      const groups = slice.groups.filter(({ timeMicros }) => timeMicros > newest);
      if (groups.length === 0) continue;
      if (first === 0n || groups[0]!.timeMicros < first) first = groups[0]!.timeMicros;
      last = groups.at(-1)!.timeMicros;
      for (const row of insertedRows({ ...slice, groups }, {})) {
        counted.add(`${String(row.aggregate_id)} ${String(row.sequence_number)}`);
        const timestamp = row.timestamp as string;
        if (oldest === null || timestamp < oldest) oldest = timestamp;
      }
    }
    if (counted.size > EXACT_LAG_MAX) {
      const now = BigInt(log.clock.now()) * 1000n;
      return { events: counted.size, oldest, share: Math.min(1, Number(last - first) / Number(now - first)) };
    }
  }
  return { events: counted.size, oldest, share: 1 };
}

/** Counts slice after slice, until it has all or enough. */
async function lagInStore({ port }: ChangeLog, slices: readonly RingSlice[]): Promise<FeedLag> {
  const tokens = slices.reduce((sum, { after, upTo }) => sum + (upTo - after), 0n);
  let [events, passed] = [0, 0n];
  let oldest: string | null = null;
  for (const { after, upTo } of slices) {
    for await (const rows of port.pages(scanEventTimes, [after, upTo])) {
      for (const { timestamp } of rows.filter(isEvent)) {
        events += 1;
        if (oldest === null || (timestamp as string) < oldest) oldest = timestamp as string;
      }
      if (events <= EXACT_LAG_MAX) continue;
      passed += tokenOf(rows.at(-1)!.aggregate_id as string) - after;
      return { events: whole({ events, oldest, share: Number(passed) / Number(tokens) }), oldest };
    }
    passed += upTo - after;
  }
  return { events, oldest };
}

function whole({ events, share }: Count): number {
  return Math.round(events / share);
}
