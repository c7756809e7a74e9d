import { murmur3Token } from '@chronicle/scylla-cdc';
import { EMPTY_STREAM, StoreUnavailableError, sealEvents, type StoredEvent } from '@chronicle/event-sourcing-core';
import { seededEntropy, systemClock, uuidBytes, uuidV7 } from '@chronicle/seams';
import { TestCluster, TestKeyspace } from '../testing.js';
import { CqlPort, statement, type BoundStatement, type CqlRow } from '../cql-port.js';
import { ENVELOPE_COLUMNS, storedEventFromRow } from '../envelope.js';
import { migrate } from '../migrate.js';
import { platformMigrations } from '../schema.js';
import { CassandraLog } from './cassandra-log.js';
import { GenerationTables } from './generation-tables.js';
import { streamOf, type LogStyle } from './log-generation.js';

const cassandra = new TestCluster(process.env, ['cassandra']);
const entropy = seededEntropy(3);
const id = () => uuidV7(systemClock, entropy);
const RETENTION_S = 3_600;

function eventsOf(aggregateId: string, count: number): readonly StoredEvent[] {
  const drafts = Array.from({ length: count }, (_, index) => ({
    eventId: id(),
    eventType: 'ThingDone',
    eventVersion: 1,
    eventData: `{"n":${index},"ä":"😀"}`,
    causationId: id(),
    correlationId: id(),
    userId: index % 2 ? 'user-7' : null,
    metadata: { commandId: id() },
  }));
  const stream = { aggregateId, aggregateType: 'Thing' };
  return sealEvents(stream, EMPTY_STREAM, drafts, new Date(systemClock.now()).toISOString());
}

const allRows = statement(
  'test.log',
  `SELECT "cdc$stream_id", "cdc$time", "cdc$batch_seq_no", "cdc$operation", "cdc$ttl", "cdc$end_of_batch",
     ${ENVELOPE_COLUMNS.map((column) => (column.endsWith('_id') || column === 'sequence_number' ? column : `${column}, "cdc$deleted_${column}"`)).join(', ')},
     "cdc$deleted_event_id", "cdc$deleted_causation_id", "cdc$deleted_correlation_id", "cdc$deleted_user_id",
     TTL(event_data) AS expires_in, WRITETIME(event_data) AS written_at
   FROM outbox_messages_scylla_cdc_log`,
);

(cassandra.isThere ? describe : describe.skip)('the change log on Cassandra', () => {
  const keyspace = new TestKeyspace(cassandra);
  let port: CqlPort;
  const options = () => ({ ...keyspace.options, port, retentionS: RETENTION_S });
  beforeAll(async () => {
    await keyspace.make();
    port = await keyspace.connect();
    await migrate(
      port,
      await platformMigrations({ dialect: 'cassandra', changeLogRetentionS: RETENTION_S }),
      keyspace.options,
    );
  });
  afterAll(() => keyspace.remove());
  beforeEach(async () => {
    for (const table of [
      'outbox_messages_scylla_cdc_log',
      'cdc_generation_timestamps',
      'cdc_streams_descriptions_v2',
      'scylla_keyspaces',
      'cdc_timestamps',
      'cdc_streams',
    ]) {
      await port.write(statement('test.truncate', `TRUNCATE ${table}`), []);
    }
  });

  const logRows = async () => {
    const rows: CqlRow[] = [];
    for await (const page of port.pages(allRows, [])) rows.push(...page);
    return rows;
  };
  const hex = (value: unknown) => Buffer.from(value as Uint8Array).toString('hex');

  it('holds each event as ScyllaDB would have logged its insert', async () => {
    const log = await CassandraLog.open({ ...options(), layout: { style: 'vnodes', ranges: 4, shards: 2 } });
    const events = [...eventsOf(id(), 3), ...eventsOf(id(), 1), ...eventsOf(id(), 2)];
    for (const aggregateId of new Set(events.map((event) => event.aggregateId))) {
      await log.write(events.filter((event) => event.aggregateId === aggregateId));
    }
    const tables = new GenerationTables(port, keyspace.name);
    const generation = await tables.generation('vnodes', (await tables.times('vnodes'))[0]!);

    const rows = await logRows();
    expect(rows).toHaveLength(events.length);
    for (const row of rows) {
      const event = storedEventFromRow(row);
      expect(events).toContainEqual(event);
      // Each its own log group: the first and last row of it, an insert, in the stream of its aggregate's token.
      expect(row).toMatchObject({ cdc$batch_seq_no: 0, cdc$operation: 2, cdc$end_of_batch: true });
      expect(hex(row.cdc$stream_id)).toBe(hex(streamOf(generation, murmur3Token(uuidBytes(event.aggregateId)))));
      // What was not deleted is unset: readers take even false for deleted.
      const deleted = Object.entries(row).filter(([column]) => column.startsWith('cdc$deleted_'));
      expect(deleted.length).toBeGreaterThanOrEqual(11);
      expect(new Set(deleted.map(([, value]) => value))).toEqual(new Set([null]));
      // It expires as the row of the base would.
      expect(row.cdc$ttl).toBe(BigInt(RETENTION_S));
      expect(row.expires_in).toBeLessThanOrEqual(RETENTION_S);
      expect(row.expires_in).toBeGreaterThan(RETENTION_S - 600);
      // The time is the server's, at the writing of the row.
      expect(Math.abs(microsecondsOf(row.cdc$time) - Number(row.written_at))).toBeLessThan(1_000_000);
    }
    const times = rows.map((row) => hex(row.cdc$time));
    expect(new Set(times).size).toBe(rows.length);
  });

  it('has the events of one append in the order of their sequence', async () => {
    const log = await CassandraLog.open(options());
    await log.write(eventsOf(id(), 100));
    const rows = await logRows(); // by time within the stream
    expect(new Set(rows.map((row) => hex(row.cdc$stream_id))).size).toBe(1);
    expect(rows.map((row) => Number(row.sequence_number))).toEqual(
      Array.from({ length: 100 }, (_, index) => index + 1),
    );
  });

  it('spreads aggregates over its streams, each always into the same', async () => {
    const log = await CassandraLog.open({ ...options(), layout: { style: 'tablets', ranges: 8 } });
    const ids = Array.from({ length: 200 }, () => id());
    for (const events of [...ids, ...ids].map((aggregateId) => eventsOf(aggregateId, 1))) await log.write(events);
    const streamsByAggregate = new Map<unknown, Set<string>>();
    for (const row of await logRows()) {
      const streams = streamsByAggregate.get(row.aggregate_id) ?? new Set();
      streamsByAggregate.set(row.aggregate_id, streams.add(hex(row.cdc$stream_id)));
    }
    expect([...streamsByAggregate.values()].every((streams) => streams.size === 1)).toBe(true);
    expect(new Set([...streamsByAggregate.values()].flatMap((streams) => [...streams])).size).toBe(8);
  });

  it('opened for the first time by several at once, has one generation', async () => {
    const logs = await Promise.all([1, 2, 3].map(() => CassandraLog.open(options())));
    expect(await new GenerationTables(port, keyspace.name).times('vnodes')).toHaveLength(1);
    await Promise.all(logs.map((log) => log.write(eventsOf(id(), 1))));
    expect(await logRows()).toHaveLength(3);
  });

  it.each<LogStyle>(['vnodes', 'tablets'])(
    'on %s, over a change of generations: every event is in a stream of the generation of its time',
    async (style) => {
      const clockSkewMs = 100;
      const log = await CassandraLog.open({ ...options(), clockSkewMs, layout: { style, ranges: 2 } });
      const other = await CassandraLog.open({ ...options(), clockSkewMs });
      const since = await log.switchGeneration({ ranges: 3 });
      await expect(log.switchGeneration({ ranges: 3 })).rejects.toBeInstanceOf(StoreUnavailableError);
      const written: StoredEvent[] = [];
      let refused = 0;
      while (systemClock.now() < since + 1_000) {
        const events = eventsOf(id(), 1);
        for (const writer of [log, other]) {
          await writer.write(events).then(
            () => written.push(...events),
            () => (refused += 1),
          );
        }
        await systemClock.sleep(3);
      }
      const tables = new GenerationTables(port, keyspace.name);
      const times = await tables.times(style);
      expect(times[0]).toBe(since);
      const generations = await Promise.all(times.map((time) => tables.generation(style, time)));
      expect(generations.map(({ ranges }) => ranges.length)).toEqual([3, 2]);
      const readable = (await logRows()).filter((row) => {
        const time = microsecondsOf(row.cdc$time) / 1_000;
        const generation = generations.find((candidate) => candidate.since <= time)!;
        const token = murmur3Token(uuidBytes(row.aggregate_id as string));
        return hex(streamOf(generation, token)) === hex(row.cdc$stream_id);
      });
      const found = new Set(readable.map((row) => row.event_id));
      expect(written.filter(({ eventId }) => !found.has(eventId))).toEqual([]);
      expect(refused).toBeGreaterThan(0); // those around the change were asked for again
      expect(written.length).toBeGreaterThan(refused);
      if (style === 'tablets') {
        const states = statement('test.states', 'SELECT stream_state, stream_id FROM cdc_streams');
        const counts = (await port.read(states, [])).rows.map((row) => row.stream_state as number);
        expect(counts.sort()).toEqual([0, 0, 0, 0, 0, 1, 1, 2, 2, 2]);
      }
    },
  );

  it('refuses a change of generations that a writer could miss', async () => {
    const log = await CassandraLog.open(options());
    await expect(log.switchGeneration({ ranges: 1 }, log.minAheadMs - 1)).rejects.toBeInstanceOf(RangeError);
  });

  it('does not count what was acknowledged too late to know its generation', async () => {
    const slow = new SlowPort(port, 4_100);
    const log = await CassandraLog.open({ ...options(), port: slow });
    await expect(log.write(eventsOf(id(), 1))).rejects.toBeInstanceOf(StoreUnavailableError);
  });
});

/** Microseconds since 1970 of a time-UUID's bytes. */
function microsecondsOf(value: unknown): number {
  const bytes = Buffer.from(value as Uint8Array);
  const high = BigInt(bytes.readUInt16BE(6) & 0x0fff) << 48n;
  const time = high | (BigInt(bytes.readUInt16BE(4)) << 32n) | BigInt(bytes.readUInt32BE(0));
  return Number((time - 0x01b21dd213814000n) / 10n);
}

/** A database that answers writes of several rows late. */
class SlowPort extends CqlPort {
  constructor(
    readonly port: CqlPort,
    readonly delayMs: number,
  ) {
    super();
  }
  override read = (...given: Parameters<CqlPort['read']>) => this.port.read(...given);
  override write = (...given: Parameters<CqlPort['write']>) => this.port.write(...given);
  override writeIf = (...given: Parameters<CqlPort['writeIf']>) => this.port.writeIf(...given);
  override close = () => this.port.close();
  override async writeTogether(writes: readonly BoundStatement[]): Promise<void> {
    await this.port.writeTogether(writes);
    if (writes[0]?.statement.name === 'cassandra-log.insert') await systemClock.sleep(this.delayMs);
  }
}
