import { CdcReader } from './cdc-reader.js';
import { checkpointAt } from './checkpoint.js';
import {
  CheckpointInvalidError,
  LogExpiredError,
  LogRefusedError,
  LogUnavailableError,
  ReaderOptionsError,
} from './errors.js';
import { START_MS } from './fake-scylla.fixture.js';
import { settled } from './manual-clock.fixture.js';
import { Harness } from './reader-harness.fixture.js';

const HOUR_MS = 3_600_000;

describe('the reader', () => {
  let harness: Harness;

  beforeEach(() => {
    harness = new Harness();
    harness.scylla.addGeneration(START_MS - 30 * HOUR_MS);
  });
  afterEach(() => harness.close());

  /** The next slices, with time passing until there are some. */
  const next = async (options = {}) => {
    const slices = harness.reader.next({ waitMs: 60_000, ...options });
    let done = false;
    void slices.then(
      () => (done = true),
      () => (done = true),
    );
    for (let turn = 0; turn < 10_000 && !done; turn += 1) await harness.clock.advance(10);
    return slices;
  };

  describe('moves its safe line', () => {
    it('only after a complete pass whose rows were taken: the caller asks again', async () => {
      harness.open({ bucketCount: 1, pageRowsMax: 2 });
      harness.reader.assign(0, checkpointAt(new Date(START_MS - 5_000)));
      for (let v = 0; v < 4; v += 1) harness.scylla.write({ id: 1, v, micros: harness.at(-4_500 + v) });
      const line = () => harness.reader.status().buckets[0]?.safeUntil;
      const first = await next();
      expect(first.flatMap(({ groups }) => groups)).toHaveLength(2);
      await harness.clock.advance(60_000);
      expect(line()).toBe('2026-11-25T18:59:55.000Z');
      expect((await next()).flatMap(({ groups }) => groups)).toHaveLength(2);
      const [last] = await next();
      expect(last?.groups).toEqual([]);
      expect(last?.checkpoint).toBe(`v1/${START_MS - 30 * HOUR_MS}/${harness.at(-3_000)}/${harness.at(-5_000)}`); // the pass began at 0
      await harness.clock.advance(60_000);
      expect(line()).toBe('2026-11-25T18:59:55.000Z');
      const again = harness.reader.next({ waitMs: 0 });
      await settled();
      expect(line()).toBe('2026-11-25T18:59:57.000Z');
      await harness.clock.advance(0);
      await again;
    });

    it('not when the pass failed: what it missed is read by the next', async () => {
      harness.open({ bucketCount: 1, pageRetriesMax: 0 });
      harness.reader.assign(0, 'now');
      harness.consume();
      await harness.clock.advance(2_000);
      const line = harness.reader.status().buckets[0]?.safeUntil;
      let failing = true;
      harness.scylla.before = ({ name }) => {
        if (failing && name === 'cdc.read-log') throw new Error('timed out');
      };
      harness.scylla.write({ id: 1, v: 1 });
      await harness.clock.advance(8_000);
      expect(harness.reader.status().buckets[0]?.safeUntil).toBe(line);
      expect(harness.errors[0]).toEqual(new LogUnavailableError('cdc.read-log', new Error('timed out')));
      failing = false;
      await harness.clock.advance(6_000);
      expect(harness.values).toEqual({ 1: [1] });
    });

    it('and reads from the previous line: what appeared behind the new one meanwhile is not lost', async () => {
      harness.open({ bucketCount: 1 });
      harness.reader.assign(0, 'now');
      harness.consume();
      await harness.clock.advance(10_050);
      harness.scylla.write({ id: 1, v: 1, micros: harness.scylla.nowMicros - 2_900_000n });
      await harness.clock.advance(1_000);
      expect(harness.values).toEqual({ 1: [1] });
    });
  });

  describe('given a checkpoint', () => {
    it('older than the retention allows, refuses the bucket once, and no other', async () => {
      harness.open().assignAll('now');
      harness.reader.assign(
        2,
        `v1/${START_MS - 30 * HOUR_MS}/${harness.at(-20 * HOUR_MS)}/${harness.at(-20 * HOUR_MS)}`,
      );
      harness.consume();
      await harness.clock.advance(1_000);
      expect(harness.errors).toEqual([new LogExpiredError(2, '2026-11-24T23:00:00.000Z', '2026-11-24T23:48:00.000Z')]);
      expect(harness.reader.status().buckets.map(({ bucket }) => bucket)).toEqual([0, 1, 3]);
    });

    it('older than that, of a generation that the database has forgotten, refuses it just so', async () => {
      harness.open({ bucketCount: 1 });
      harness.reader.assign(
        0,
        `v1/${START_MS - 100 * HOUR_MS}/${harness.at(-20 * HOUR_MS)}/${harness.at(-20 * HOUR_MS)}`,
      );
      harness.consume();
      await harness.clock.advance(1_000);
      expect(harness.errors).toEqual([expect.any(LogExpiredError)]);
    });

    it('within the retention, reads; with rows that never expire, always', async () => {
      harness
        .open({ retentionMs: Infinity })
        .assignAll(checkpointAt(new Date(START_MS - 29 * HOUR_MS)))
        .consume();
      harness.scylla.write({ id: 1, v: 1, micros: harness.at(-28 * HOUR_MS) });
      await harness.clock.advance(2_000);
      expect([harness.errors, harness.values]).toEqual([[], { 1: [1] }]);
    });

    it('or the beginning of a log that has lost it, refuses', async () => {
      harness.open({ bucketCount: 1 }).assignAll('beginning').consume();
      await harness.clock.advance(1_000);
      expect(harness.errors).toEqual([expect.any(LogExpiredError)]);
    });

    it('that expires while its bucket waits to be read, refuses then', async () => {
      harness.open({ retentionMs: 2 * HOUR_MS, bucketCount: 1, pageRetriesMax: 0 });
      harness.reader.assign(0, checkpointAt(new Date(START_MS - HOUR_MS)));
      harness.consume();
      harness.scylla.before = ({ name }) => {
        if (name === 'cdc.read-log') throw new Error('down');
      };
      await harness.clock.advance(HOUR_MS);
      expect(harness.errors.at(-1)).toBeInstanceOf(LogExpiredError);
      expect(harness.reader.status().buckets).toEqual([]);
    });

    it('that is none, refuses at once', () => {
      harness.open();
      expect(() => harness.reader.assign(0, 'yesterday')).toThrow(CheckpointInvalidError);
      expect(() => harness.reader.assign(4, 'now')).toThrow(ReaderOptionsError);
    });
  });

  it('given that a bucket is assigned again, hands out its rows again and nothing of the assignment before', async () => {
    harness.open({ bucketCount: 1 });
    harness.reader.assign(0, 'now');
    await next({ waitMs: 100 });
    harness.scylla.write({ id: 1, v: 1 });
    const [slice] = await next();
    expect(slice?.groups).toHaveLength(1);
    harness.reader.assign(0, checkpointAt(new Date(START_MS - 1_000)));
    const repeated = (await next()).flatMap(({ groups }) => groups);
    expect(repeated).toHaveLength(1);
  });

  it('given that a bucket is revoked, hands out nothing more of it, even if it was read already', async () => {
    harness.open({ bucketCount: 1, pageRowsMax: 1 });
    harness.reader.assign(0, 'now');
    await next({ waitMs: 100 });
    for (let v = 0; v < 5; v += 1) harness.scylla.write({ id: 1, v });
    expect(await next()).toHaveLength(1);
    harness.reader.revoke(0);
    expect(await next({ waitMs: 5_000 })).toEqual([]);
  });

  it('given a caller that does not ask, reads at most a page ahead', async () => {
    harness.open({ bucketCount: 1, pageRowsMax: 10, lookBackMs: 0 });
    for (let v = 0; v < 1_000; v += 1) harness.scylla.write({ id: 1, v, micros: harness.at(-60_000) + BigInt(v) });
    harness.reader.assign(0, checkpointAt(new Date(START_MS - 90_000)));
    expect((await next()).flatMap(({ groups }) => groups)).toHaveLength(10);
    const asked = harness.scylla.count('cdc.read-log');
    await harness.clock.advance(600_000);
    expect(harness.scylla.count('cdc.read-log')).toBe(asked);
    expect(asked).toBeLessThanOrEqual(4 + 1); // one query for each stream, and one page ahead of what was taken
  });

  it('given an aborted signal, resolves at once with nothing, and loses nothing', async () => {
    harness.open({ bucketCount: 1 });
    harness.reader.assign(0, 'now');
    await next({ waitMs: 100 });
    let answer = () => undefined as void;
    harness.scylla.before = () => new Promise<void>((resolve) => (answer = resolve));
    harness.scylla.write({ id: 1, v: 1 });
    const stop = new AbortController();
    const slices = harness.reader.next({ signal: stop.signal, waitMs: 60_000 });
    await harness.clock.advance(1_000);
    stop.abort();
    expect(await slices).toEqual([]);
    harness.scylla.before = () => undefined;
    answer();
    expect((await next()).flatMap(({ groups }) => groups)).toHaveLength(1);
    expect(await harness.reader.next({ signal: AbortSignal.abort() })).toEqual([]);
  });

  it('given that it is closed, ends a waiting call, its queries and its timers', async () => {
    harness.open({ bucketCount: 1 });
    harness.reader.assign(0, 'now');
    const slices = harness.reader.next({ waitMs: 60_000 });
    await harness.clock.advance(5_000);
    await harness.reader.close();
    expect(await slices).toEqual(expect.any(Array));
    const asked = harness.scylla.asked.length;
    await harness.clock.advance(60_000);
    expect(harness.scylla.asked.length).toBe(asked);
    expect(await harness.reader.next()).toEqual([]);
  });

  it('given a table that does not exist, says so each time, and does not storm', async () => {
    harness.scylla.before = ({ name }) => {
      if (name === 'cdc.base-columns')
        throw Object.assign(new Error('unconfigured table orders'), { retryable: false });
    };
    harness.open().assignAll('now').consume();
    await harness.clock.advance(60_000);
    expect(harness.errors[0]).toBeInstanceOf(LogRefusedError);
    expect(harness.errors[0]?.message).toContain('cdc.base-columns was refused: unconfigured table orders');
    expect(harness.errors.length).toBeLessThan(20);
  });

  it('given a pass so slow that its bucket falls behind, reads that with no other pass meanwhile', async () => {
    harness.open({ bucketCount: 1 });
    harness.reader.assign(0, 'now');
    harness.consume();
    await harness.clock.advance(5_000);
    let answer = () => undefined as void;
    harness.scylla.before = ({ name }) =>
      name === 'cdc.read-log' ? new Promise<void>((resolve) => (answer = resolve)) : undefined;
    await harness.clock.advance(1_000);
    const asked = harness.scylla.count('cdc.read-log');
    await harness.clock.advance(60_000);
    expect(harness.scylla.count('cdc.read-log')).toBe(asked);
    harness.scylla.before = () => undefined;
    harness.scylla.write({ id: 1, v: 1 });
    answer();
    await harness.clock.advance(2_000);
    expect(harness.values).toEqual({ 1: [1] });
  });

  it('serves one call at a time', async () => {
    harness.open();
    const first = harness.reader.next({ waitMs: 10 });
    await expect(harness.reader.next()).rejects.toThrow('a reader serves one caller');
    await harness.clock.advance(10);
    await first;
  });

  it('keeps more queries from running at a time than allowed', async () => {
    harness.scylla.addGeneration(START_MS - HOUR_MS, 64, 16);
    let inFlight = 0;
    let most = 0;
    harness.scylla.before = async ({ name }) => {
      if (name !== 'cdc.read-log' && name !== 'cdc.read-log-keys') return;
      most = Math.max(most, (inFlight += 1));
      await harness.clock.sleep(20);
      inFlight -= 1;
    };
    harness.open({ concurrentQueriesMax: 6 });
    for (const bucket of [0, 1]) harness.reader.assign(bucket, 'now');
    for (const bucket of [2, 3]) harness.reader.assign(bucket, checkpointAt(new Date(START_MS - 2 * HOUR_MS)));
    harness.consume();
    await harness.clock.advance(20_000);
    expect(most).toBeLessThanOrEqual(6);
    expect(most).toBeGreaterThan(3);
    harness.scylla.before = () => undefined;
    await harness.clock.advance(1_000);
  });

  it.each([
    [{ bucketCount: 0 }, 'bucketCount: expected a number > 0, found 0'],
    [{ bucketCount: 1.5 }, 'bucketCount: expected an integer, found 1.5'],
    [{ confidenceWindowMs: 2_000 }, 'confidenceWindowMs: must exceed writeTimeoutMs, or slow writes are missed'],
    [{ idsPerQueryMax: 101 }, 'idsPerQueryMax: must be at most 100: servers refuse more partitions in one query'],
    [{ retentionMs: 60_000 }, 'retentionMs: must exceed lookBackMs + behindMs by far'],
    [{ pollIntervalMs: Number.NaN }, 'pollIntervalMs: expected a number > 0, found NaN'],
  ])('refuses options that make no sense: %p', (options, message) => {
    const all = { session: harness.scylla, keyspace: 'k', table: 't', retentionMs: 86_400_000, ...options };
    harness.open();
    expect(() => new CdcReader(all)).toThrow(message);
  });
});
