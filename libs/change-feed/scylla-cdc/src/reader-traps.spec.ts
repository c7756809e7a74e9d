import { BrokenLogGroupError, LogRowUnreadableError } from './errors.js';
import { START_MS } from './fake-scylla.fixture.js';
import { Harness } from './reader-harness.fixture.js';

const update = (cells: Record<string, unknown>) => ({ cdc$operation: 1, ck: 0, ...cells });

describe('traps of the log', () => {
  let harness: Harness;

  beforeEach(() => {
    harness = new Harness();
    harness.scylla.addGeneration(START_MS - 600_000);
  });
  afterEach(() => harness.close());

  const started = async (...options: Parameters<Harness['open']>) => {
    harness
      .open(...options)
      .assignAll('now')
      .consume();
    await harness.clock.advance(2_000);
    return harness;
  };

  it('trap 7.9: given a change stamped by a clock that is ahead, does not overlook those stamped in between', async () => {
    await started();
    harness.scylla.write({ id: 1, v: 1, micros: harness.scylla.nowMicros + 4_900_000n });
    await harness.clock.advance(600);
    for (let v = 2; v < 12; v += 1) {
      harness.scylla.write({ id: 1, v });
      await harness.clock.advance(100);
    }
    expect(harness.values).toEqual({ 1: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] });
    expect(harness.received.slice(1).some(({ pass }) => pass === 'fast')).toBe(true);
  });

  it('trap 7.12: never writes, so that no answer to a write has to be understood', async () => {
    await started();
    await harness.clock.advance(1_000_000);
    expect(harness.scylla.asked.filter(({ statement }) => !/^SELECT /.test(statement.cql))).toEqual([]);
  });

  it('trap 7.13: given short and empty pages that have more to come, reads to the end', async () => {
    harness.scylla.pageRows = 2;
    harness.scylla.emptyPages = true;
    await started();
    for (let v = 0; v < 25; v += 1) harness.scylla.write({ id: v % 3, v });
    await harness.clock.advance(1_000);
    expect(harness.received).toHaveLength(25);
  });

  it('trap 7.14: given nodes whose clocks differ, asks each, and widens windows by what they differ', async () => {
    harness.scylla.nodes.set('n2:9042', 3_000);
    await started();
    expect(harness.reader.status().clockSkewMs).toBe(3_000);
    expect(new Set(harness.scylla.asked.map(({ options }) => options.host).filter(Boolean)).size).toBe(2);
    await harness.clock.advance(3_000);
    harness.scylla.write({ id: 1, v: 1, micros: harness.scylla.nowMicros + 3_000_000n });
    await harness.clock.advance(600);
    harness.scylla.write({ id: 1, v: 2 });
    await harness.clock.advance(600);
    expect(harness.received.map(({ v, pass }) => [v, pass])).toEqual([
      [1, expect.any(String)],
      [2, expect.any(String)],
    ]);
    const behindMs = harness.reader.status().buckets.map(({ lagMs }) => lagMs ?? 0);
    expect(Math.min(...behindMs)).toBeGreaterThanOrEqual(5_000); // write timeout + skew, above the confidence window
  });

  it('trap 7.16: quotes names, bypasses the cache last and only if told so, and asks for at most 100 ids', async () => {
    harness.scylla.generations.splice(0);
    harness.scylla.addGeneration(START_MS - 600_000, 64, 4);
    await started();
    const { statement, values } =
      harness.scylla.asked.findLast(({ statement: { name } }) => name === 'cdc.read-log') ?? {};
    expect(statement?.cql).toBe(
      'SELECT * FROM "shop"."orders_scylla_cdc_log" ' +
        'WHERE "cdc$stream_id" IN ? AND "cdc$time" >= ? AND "cdc$time" < ? LIMIT 1000 BYPASS CACHE',
    );
    expect(values?.every((value) => Buffer.isBuffer(value) || Array.isArray(value))).toBe(true);
    for (const asked of harness.scylla.asked.filter(({ statement: { name } }) => name === 'cdc.read-log')) {
      expect((asked.values[0] as readonly Buffer[]).length).toBeLessThanOrEqual(100);
    }
    await harness.close();
    harness.open({ bypassCache: false, logTable: 'My"Log', idsPerQueryMax: 7 }).assignAll('now').consume();
    await harness.clock.advance(1_000);
    const own = harness.scylla.asked.at(-1);
    expect(own?.statement.cql).toContain('FROM "shop"."My""Log" WHERE');
    expect(own?.statement.cql.endsWith('"cdc$time" < ? LIMIT 1000')).toBe(true);
    expect((own?.values[0] as readonly Buffer[]).length).toBeLessThanOrEqual(7);
  });

  it('reads only the columns it is told to, beside keys and what groups need', async () => {
    await started({ columns: ['v'] });
    harness.scylla.write({ id: 1, v: 1 });
    await harness.clock.advance(1_000);
    expect(harness.values).toEqual({ 1: [1] });
    expect(harness.scylla.asked.find(({ statement }) => statement.name === 'cdc.read-log')?.statement.cql).toContain(
      'SELECT "cdc$stream_id", "cdc$time", "cdc$batch_seq_no", "cdc$end_of_batch", "cdc$operation", "cdc$ttl", "id", "ck", "v" FROM',
    );
  });

  it('trap 7.17: given a row at the very millisecond of a switch, reads it once, in the new generation', async () => {
    await started();
    const next = START_MS + 67_000;
    harness.scylla.addGeneration(next, 8);
    await harness.clock.advance(64_000);
    const micros = BigInt(next) * 1000n;
    harness.scylla.write({ id: 1, v: 1, micros: micros - 1n });
    harness.scylla.write({ id: 1, v: 2, micros });
    await harness.clock.advance(20_000);
    expect(harness.values).toEqual({ 1: [1, 2] });
  });

  it('trap 7.18: given groups that pages cut, hands them out whole', async () => {
    harness.scylla.pageRows = 3;
    const groups: number[] = [];
    harness.open({ bucketCount: 1 });
    harness.reader.assign(0, 'now');
    const take = async () => {
      for (const slice of await harness.reader.next({ waitMs: 100 }))
        groups.push(...slice.groups.map(({ changes }) => changes.length));
    };
    const taking = (async () => {
      while (harness.clock.monotonic() < 5_000) await take();
    })();
    await harness.clock.advance(1_000);
    for (const size of [1, 7, 3, 2, 10]) {
      harness.scylla.write({ id: 1, rows: Array.from({ length: size }, (_, ck) => update({ ck, v: ck })) });
    }
    await harness.clock.advance(6_000);
    await taking;
    expect(groups).toEqual([1, 7, 3, 2, 10]);
  });

  it.each([
    ['trap 7.19: takes initial_tablets 0 for tablets', 0, 'cdc.tablet-streams'],
    ['takes initial_tablets null for vnodes', null, 'cdc.vnode-streams'],
    ['takes a keyspace that is not listed for vnodes', undefined, 'cdc.vnode-streams'],
  ])('%s', async (_, initialTablets, statement) => {
    harness.scylla.initialTablets = initialTablets;
    await started();
    expect(harness.scylla.count(statement)).toBeGreaterThan(0);
    expect(harness.scylla.count('cdc.tablet-streams') * harness.scylla.count('cdc.vnode-streams')).toBe(0);
  });

  it('takes a database without that table for one with vnodes', async () => {
    harness.scylla.before = ({ name }) => {
      if (name === 'cdc.keyspace-tablets') throw Object.assign(new Error('unconfigured table'), { retryable: false });
    };
    await started();
    expect(harness.errors).toEqual([]);
    expect(harness.scylla.count('cdc.vnode-streams')).toBe(1);
  });

  it('trap 7.20: given a node clock that steps back, moves no line back and loses nothing', async () => {
    await started();
    const lines: string[] = [];
    for (let second = 0; second < 90; second += 1) {
      if (second === 20) harness.scylla.nodes.set('n1:9042', -2_000);
      harness.scylla.write({ id: 1, v: second, micros: harness.scylla.nowMicros - (second >= 20 ? 2_000_000n : 0n) });
      await harness.clock.advance(1_000);
      lines.push(harness.reader.status().buckets[0]?.safeUntil ?? '');
    }
    expect(lines).toEqual(lines.toSorted());
    expect(new Set(harness.received.map(({ v }) => v)).size).toBe(90);
  });

  it('trap 8.2: given two partitions of one stream at the same microsecond, reads both', async () => {
    await started();
    const [a, b] = [1, 2, 3, 4, 5, 6, 7, 8, 9].filter((id) =>
      harness.scylla.streamFor(id, harness.at(0)).equals(harness.scylla.streamFor(1, harness.at(0))),
    );
    const micros = harness.scylla.nowMicros;
    for (const id of [a, b]) harness.scylla.write({ id: id ?? 0, v: 1, micros });
    await harness.clock.advance(2_000);
    expect(Object.keys(harness.values)).toEqual([String(a), String(b)]);
  });

  describe('trap 8.3: given a group', () => {
    const broken = {
      'without its end': [update({ v: 1, cdc$end_of_batch: null })],
      'with a gap': [update({ v: 1 }), update({ v: 2, cdc$batch_seq_no: 2 })],
    };

    it.each(Object.entries(broken))(
      '%s, stops its bucket with an error that names it, and no other',
      async (_, rows) => {
        await started();
        harness.scylla.write({ id: 1, rows });
        harness.scylla.write({ id: 3, v: 3 });
        await harness.clock.advance(6_000);
        expect(harness.errors).toEqual([expect.any(BrokenLogGroupError)]);
        const { bucket } = harness.errors[0] as BrokenLogGroupError;
        expect(harness.reader.status().buckets.map((status) => status.bucket)).not.toContain(bucket);
        expect(harness.values).toEqual({ 3: [3] });
        harness.scylla.write({ id: 3, v: 4 });
        await harness.clock.advance(1_000);
        expect(harness.values).toEqual({ 3: [3, 4] });
      },
    );

    it('that is only half visible at first, waits for it and hands it out whole', async () => {
      await started();
      const micros = harness.scylla.nowMicros;
      const low = 77n;
      harness.scylla.write({ id: 1, micros, low, rows: [update({ ck: 1, v: 1, cdc$end_of_batch: null })] });
      await harness.clock.advance(1_000);
      expect(harness.received).toEqual([]);
      harness.scylla.write({ id: 1, micros, low, rows: [update({ ck: 2, v: 2, cdc$batch_seq_no: 1 })] });
      await harness.clock.advance(1_000);
      expect(harness.values).toEqual({ 1: [1, 2] });
      expect(harness.errors).toEqual([]);
    });

    it('that is broken, hands it out with its defect when it is told to', async () => {
      const told: string[] = [];
      await started({ brokenGroups: 'deliver', observer: { brokenGroup: ({ defect }) => told.push(defect) } });
      harness.scylla.write({ id: 1, rows: broken['with a gap'] });
      await harness.clock.advance(60_000);
      expect(harness.values).toEqual({ 1: [1, 2] });
      expect(told).toEqual(['sequence-gap']);
    });

    it("in a stream that is not its key's, stops the bucket of the stream", async () => {
      await started();
      const wrong = harness.scylla.generations[0]?.groups.find(
        ({ ids }) => !ids[0]?.equals(harness.scylla.streamFor(1, harness.at(0))),
      );
      harness.scylla.write({ id: 1, v: 1, ...(wrong?.ids[0] && { stream: wrong.ids[0] }) });
      await harness.clock.advance(6_000);
      expect(harness.errors).toEqual([expect.objectContaining({ code: 'cdc-log-group-broken', defect: 'misplaced' })]);
      expect(harness.received).toEqual([]);
    });

    it('with an operation that is not known, stops its bucket with an error that says so', async () => {
      await started();
      harness.scylla.write({ id: 1, rows: [{ cdc$operation: 42, ck: 0 }] });
      await harness.clock.advance(1_000);
      expect(harness.errors).toEqual([expect.any(LogRowUnreadableError)]);
      expect(harness.errors[0]?.message).toMatch(
        /the operation 42 in the log group .* of stream [0-9a-f]{32}; a newer version/,
      );
    });
  });
});
