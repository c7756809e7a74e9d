import { randomUUID } from 'node:crypto';
import cassandra from 'cassandra-driver';
import { CdcReader } from './cdc-reader.js';
import { driverSession } from './driver-session.js';
import { HandWrittenLog, type HandWritten } from './hand-written-log.fixture.js';
import type { LogGroup } from './log-slice.js';
import { metadataTablesIn } from './metadata-tables.js';
import type { CdcReaderOptions } from './options.js';

const contactPoints = process.env.CHRONICLE_CASSANDRA ?? process.env.CHRONICLE_SCYLLA;
const AGGREGATES = 12;
const BUCKETS = 8;
/** The generation changes this long after the start, and writing goes on for as long again. */
const SWITCH_MS = 4_000;

(contactPoints ? describe : describe.skip)('a log on a real Cassandra', () => {
  let client: cassandra.Client;
  const keyspaces: string[] = [];

  beforeAll(async () => {
    client = new cassandra.Client({
      contactPoints: contactPoints?.split(',') ?? [],
      localDataCenter: process.env.CHRONICLE_LOCAL_DATA_CENTER ?? 'datacenter1',
      encoding: { useBigIntAsLong: true, map: Map },
      socketOptions: { readTimeout: 30_000 },
    });
    await client.connect();
  });
  afterAll(async () => {
    for (const keyspace of keyspaces) await client.execute(`DROP KEYSPACE IF EXISTS ${keyspace}`);
    await client.shutdown();
  });

  const open = (keyspace: string, errors: Error[], options: Partial<CdcReaderOptions> = {}) => {
    const reader = new CdcReader({
      session: driverSession(client),
      keyspace,
      table: 'outbox_messages',
      metadataTables: metadataTablesIn(keyspace),
      bypassCache: false,
      retentionMs: 600_000,
      bucketCount: BUCKETS,
      pageRowsMax: 20,
      metadataIntervalMs: 500,
      generationLeadMs: 1_000,
      confidenceWindowMs: 5_000,
      behindMs: 8_000,
      lookBackMs: 9_000,
      lookBackSliceMs: 1_000,
      observer: {
        metadataFailed: (error) => errors.push(error),
        lateGroupsFound: (late) => errors.push(new Error(JSON.stringify(late))),
      },
      ...options,
    });
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) reader.assign(bucket, 'beginning');
    return reader;
  };

  /** Takes groups until `count` have come, and `quietMs` more. */
  const take = async (reader: CdcReader, count: () => number, quietMs: number) => {
    const groups: LogGroup[] = [];
    let completeMs = Number.POSITIVE_INFINITY;
    while (performance.now() - completeMs < quietMs) {
      for (const slice of await reader.next({ waitMs: 100 })) groups.push(...slice.groups);
      if (groups.length >= count()) completeMs = Math.min(completeMs, performance.now());
    }
    await reader.close();
    return groups;
  };

  const written = ({ aggregateId, sequence }: HandWritten) => `${aggregateId} ${sequence}`;
  const read = ({ changes: [change] }: LogGroup) =>
    `${String(change?.key.aggregate_id)} ${String(change?.key.sequence_number)}`;

  /** Everything exactly once, whole, and of each aggregate in order. */
  const expectAll = (groups: readonly LogGroup[], events: readonly HandWritten[]) => {
    expect(groups.map(read).toSorted()).toEqual(events.map(written).toSorted());
    for (const aggregateId of new Set(events.map((event) => event.aggregateId))) {
      const own = (text: string) => text.startsWith(aggregateId);
      expect(groups.map(read).filter(own)).toEqual(events.map(written).filter(own));
    }
    for (const { changes } of groups) {
      expect(changes).toMatchObject([
        { kind: 'insert', values: { event_type: 'OrderCreated' }, ttlS: 600 },
        { kind: 'update', values: { metadata: null }, ttlS: null },
        {
          kind: 'update',
          collections: { metadata: { added: new Map([['n', String(changes[0]?.key.sequence_number)]]) } },
        },
      ]);
    }
  };

  const run = async (topology: 'vnodes' | 'tablets') => {
    const log = new HandWrittenLog(client, `cdc_${topology}_${randomUUID().slice(0, 8)}`, topology);
    keyspaces.push(log.keyspace);
    await log.create();
    const startMs = Date.now();
    await log.publish(startMs - 90_000, 4);
    await log.publish(startMs - 40_000, 16);
    const events: HandWritten[] = [];
    const sequences = new Map<string, number>();
    const ids = Array.from({ length: AGGREGATES }, () => randomUUID());
    const write = async (atMs?: number) => {
      for (const aggregateId of ids) {
        const sequence = (sequences.get(aggregateId) ?? 0) + 1;
        sequences.set(aggregateId, sequence);
        const event = { aggregateId, sequence, micros: BigInt(atMs ?? Date.now()) * 1000n };
        await log.write(event);
        events.push(event);
      }
    };
    for (let atMs = -80_000; atMs <= -20_000; atMs += 10_000) await write(startMs + atMs);
    const switchMs = Date.now() + SWITCH_MS;
    await log.publish(switchMs, 6);
    const errors: Error[] = [];
    let total = Number.POSITIVE_INFINITY;
    const taking = take(open(log.keyspace, errors), () => total, 10_500);
    while (Date.now() < switchMs + SWITCH_MS) await write();
    total = events.length;
    expectAll(await taking, events);
    const again = open(log.keyspace, errors, { catchUpWindowMs: 15_000, lookBackMs: 0 });
    expectAll(await take(again, () => total, 500), events);
    expect(errors).toEqual([]);
  };

  it('is read exactly once, in order, over switches of the log generation, live and from the beginning, on vnodes and on tablets', async () => {
    await Promise.all([run('vnodes'), run('tablets')]);
  });
});
